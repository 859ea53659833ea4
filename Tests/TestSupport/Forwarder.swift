import Failures
import Foundation
import Glibc
import Processes

/// Passes TCP connections on to a port of this machine until it is ended: a network that can fail.
package struct Forwarder: Sendable {
    /// The port that it listens on.
    package let port: UInt16
    private let pidFile: String

    private static let program = """
        import os, socket, sys, threading
        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        open(sys.argv[3], "w").write(str(os.getpid()))
        def pump(a, b):
            try:
                while data := a.recv(65536): b.sendall(data)
            except OSError: pass
            for s in (a, b):
                try: s.shutdown(socket.SHUT_RDWR)
                except OSError: pass
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
            for pair in ((near, far), (far, near)): threading.Thread(target=pump, args=pair, daemon=True).start()
        """

    /// Starts one that ends with the tests' process at the latest.
    package static func start(to port: UInt16) async throws -> Forwarder {
        let folder = "/tmp/dorsal-sandbox-forward-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let own = try ListeningSocket.stablePort()
        let forwarder = Forwarder(port: own, pidFile: "\(folder)/pid")
        let arguments = ["-c", Self.program, "\(own)", "\(port)", forwarder.pidFile]
        try BoundProcess.start("/usr/bin/python3", arguments, in: folder)
        let deadline = ContinuousClock.now + .seconds(60)
        while forwarder.pid == nil {
            guard ContinuousClock.now < deadline else { throw Failure(.internal, "the forwarder does not start") }
            try await Task.sleep(for: .milliseconds(20))
        }
        return forwarder
    }

    private var pid: Int32? {
        FileManager.default.contents(atPath: self.pidFile).flatMap { Int32(String(decoding: $0, as: UTF8.self)) }
    }

    /// Ends it, with all its connections.
    package func end() {
        if let pid = self.pid { kill(pid, SIGKILL) }
    }
}
