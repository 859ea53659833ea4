import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server that answers as a test wants it to, also in ways that no server should.
final class FaultyServer: Sendable {
    /// A request as it came in.
    struct Request: Sendable {
        let method: String
        let uri: String
        let headers: [String: String]
        let length: Int
    }

    /// What to do with a request.
    enum Reply: Sendable {
        case answer(Int, headers: [String: String] = [:], body: String = "")
        /// Says that the body has so many bytes, sends these, and closes the connection.
        case short(Int, length: Int, headers: [String: String] = [:], body: String)
        /// Closes the connection without a word, by RST.
        case reset
        /// Answers with success and this body, but only after so many milliseconds.
        case late(Int64, body: String)
        /// Never answers.
        case stall
        /// Sends these bytes, whatever they are, and closes the connection.
        case raw(String)
    }

    private let channel: any Channel
    private let log: Log

    /// The URL to reach the server at.
    var endpoint: String { "http://127.0.0.1:\(self.channel.localAddress?.port ?? 0)" }
    /// All requests so far.
    var requests: [Request] { self.log.requests.withLock { $0 } }

    private init(channel: any Channel, log: Log) {
        self.channel = channel
        self.log = log
    }

    /// Runs the closure with a server, which a second closure answers for; that learns how many requests came before.
    static func with<Result>(
        _ reply: @escaping @Sendable (Int, Request) -> Reply,
        _ body: (FaultyServer) async throws -> Result
    ) async throws -> Result {
        let log = Log()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(Handler(log: log, reply: reply))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(FaultyServer(channel: channel, log: log))
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

private final class Log: Sendable {
    let requests = Mutex<[FaultyServer.Request]>([])

    /// Takes a request down, and says how many came before.
    func append(_ request: FaultyServer.Request) -> Int {
        self.requests.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let log: Log
    private let reply: @Sendable (Int, FaultyServer.Request) -> FaultyServer.Reply
    private var head: HTTPRequestHead?
    private var length = 0

    init(log: Log, reply: @escaping @Sendable (Int, FaultyServer.Request) -> FaultyServer.Reply) {
        self.log = log
        self.reply = reply
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): (self.head, self.length) = (head, 0)
        case .body(let bytes): self.length += bytes.readableBytes
        case .end:
            guard let head = self.head else { return }
            let request = FaultyServer.Request(
                method: head.method.rawValue,
                uri: head.uri,
                headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first },
                length: self.length
            )
            self.perform(self.reply(self.log.append(request), request), context)
        }
    }

    private func perform(_ reply: FaultyServer.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .stall: return
        case .late(let milliseconds, let body):
            let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
                handler.value.0.perform(.answer(200, body: body), handler.value.1)
            }
        case .reset:
            let atOnce = linger(l_onoff: 1, l_linger: 0)
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(atOnce)
            context.close(promise: nil)
        case .raw(let text): self.send(text, context)
        case .short(let status, let length, let headers, let body):
            self.send(Self.text(status, length, headers, body), context)
        case .answer(let status, let headers, let body):
            var fields = HTTPHeaders(headers.map { ($0.key, $0.value) })
            if headers["content-length"] == nil { fields.add(name: "content-length", value: "\(body.utf8.count)") }
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            if !body.isEmpty {
                context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            }
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    /// Bytes past the encoder, which would not let them through.
    private func send(_ text: String, _ context: ChannelHandlerContext) {
        let channel = context.channel
        guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else {
            return
        }
        encoder.writeAndFlush(NIOAny(ByteBuffer(string: text))).whenComplete { _ in channel.close(promise: nil) }
    }

    private static func text(_ status: Int, _ length: Int, _ headers: [String: String], _ body: String) -> String {
        let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
        return "HTTP/1.1 \(status) Status\r\ncontent-length: \(length)\r\n\(fields)\r\n\(body)"
    }
}
