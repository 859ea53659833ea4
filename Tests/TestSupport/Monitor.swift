import Failures
import Foundation
import Processes

/// A monitor that is called over HTTP: a real server, which answers one status after another and takes down who called.
package struct Monitor: Sendable {
    /// The address of the server, with a token that is a secret.
    package let url: String
    private let folder: TemporaryFolder

    /// The token in the address.
    package static let token = "token-Secret-Word-4"

    /// The paths that were called so far, with their queries.
    package var calls: [String] {
        let text = (try? String(contentsOfFile: self.folder.path("calls"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// Runs the closure beside a server.
    ///
    /// - Parameter statuses: what the first calls are answered; the last one holds for all others. 0 is no answer at all.
    package static func with<Result: Sendable>(
        _ statuses: [Int] = [200],
        body: (Monitor) async throws -> Result
    ) async throws -> Result {
        let folder = try TemporaryFolder()
        let script = try folder.write(Self.script, to: "monitor.py")
        let arguments = [script, folder.path] + statuses.map(String.init)
        let command = ToolCommand("python3", arguments)
        return try await Service.with(command, log: folder.path("log"), grace: .seconds(10)) { service in
            let deadline = ContinuousClock.now + .seconds(60)
            while !FileManager.default.fileExists(atPath: folder.path("port")) {
                guard service.isRunning, ContinuousClock.now < deadline else {
                    let log = (try? String(contentsOfFile: folder.path("log"), encoding: .utf8)) ?? ""
                    throw Failure(.internal, "the monitor did not start", cause: log)
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            let port = try String(contentsOfFile: folder.path("port"), encoding: .utf8)
            return try await body(Monitor(url: "http://127.0.0.1:\(port)/\(Self.token)", folder: folder))
        }.value
    }

    private static let script = """
        import http.server, os, sys, time
        folder, statuses = sys.argv[1], [int(word) for word in sys.argv[2:]]
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with open(folder + '/calls', 'a') as calls:
                    calls.write(self.path + '\\n')
                status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
                if status == 0:
                    time.sleep(600)
                self.send_response(status)
                self.send_header('Content-Length', '2')
                self.end_headers()
                self.wfile.write(b'OK')
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads = True
        with open(folder + '/port.new', 'w') as port:
            port.write(str(server.server_address[1]))
        os.rename(folder + '/port.new', folder + '/port')
        server.serve_forever()
        """
}
