import AsyncHTTPClient
import Failures
import Foundation
import NIOCore
import NIOHTTP1
package import Storage

extension S3ObjectStore {
    package func read(_ key: String, _ range: Range<Int64>) async throws -> [UInt8] {
        let full = try self.full(key)
        if range.isEmpty { return [] }
        var bytes: [UInt8] = []
        var tag: String?
        var end = range.upperBound
        let base = S3Request(operation: "read", permission: "s3:GetObject", method: "GET", key: full)
        try await self.client.retrying(base) { attempt in
            let before = bytes.count
            do {
                let begin = range.lowerBound + Int64(bytes.count)
                var request = base
                request.headers = [(name: "range", value: "bytes=\(begin)-\(end - 1)")]
                // What follows a connection that broke must be of the same object.
                if let tag { request.headers.append((name: "if-match", value: tag)) }
                let response = try await self.client.send(request, attempt)
                guard let total = try await self.total(response, request, begin) else { return }
                tag = tag ?? response.headers.first(name: "etag")
                end = min(range.upperBound, total)
                bytes.reserveCapacity(Int(end - range.lowerBound))
                for try await buffer in response.body {
                    buffer.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
                    if range.lowerBound + Int64(bytes.count) > end { break }
                }
                let got = range.lowerBound + Int64(bytes.count)
                guard got <= end else {
                    bytes.removeLast(Int(got - end))
                    return
                }
                if got < end { throw TryAgain(reason: "the answer ends \(end - got) bytes too early") }
            } catch {
                var again = try TransportError.judge(error, self.client.address)
                again.progressed = bytes.count > before
                throw again
            }
        }
        return bytes
    }

    /// The object's length as an answer to a ranged read says it; nil when the range lies behind its end.
    private func total(_ response: HTTPClientResponse, _ request: S3Request, _ begin: Int64) async throws -> Int64? {
        switch response.status.code {
        case 206:
            let range = response.headers.first(name: "content-range") ?? ""
            // bytes 0-9/443
            let numbers = range.split { !$0.isNumber }.compactMap { Int64($0) }
            guard numbers.count == 3, numbers[0] == begin else {
                throw TryAgain(reason: "the answer is of another range: \(range)")
            }
            return numbers[2]
        case 200 where begin == 0:
            // The whole object, which a service may send when the range is all of it.
            guard let total = response.headers.first(name: "content-length").flatMap({ Int64($0) }) else {
                throw TryAgain(reason: "the answer has no length")
            }
            return total
        case 416: return nil
        default:
            let answer = try await self.client.answer(response)
            guard let error = answer.error else { throw TryAgain(reason: "HTTP \(answer.status) without the range") }
            if error.status == 412 {
                throw Failure(
                    .integrity,
                    "\(self.client.failures.name(request.key)) was replaced while it was read",
                    cause: error.cause
                )
            }
            throw self.client.judge(error, request)
        }
    }

    package func list(_ prefix: String, page: String?, limit: Int) async throws -> ObjectPage {
        let (list, _) = try await self.document("ListBucketResult", self.listing(prefix, page: page, limit: limit))
        let isEncoded = list("EncodingType") == "url"
        let objects = try list.all("Contents").compactMap { node -> LocalFolder.Object? in
            guard let text = node("Key"), let size = node("Size").flatMap({ Int64($0) }) else {
                throw Failure(.storage, "Cannot list \(self.name): the answer has an object without a key or a size")
            }
            let key = isEncoded ? Self.decoded(text) : text
            // A key that ends with "/" is what some tools put for a folder.
            guard key.hasPrefix(self.start), !key.hasSuffix("/") else { return nil }
            return LocalFolder.Object(key: String(key.dropFirst(self.start.count)), size: size)
        }
        let next = list("IsTruncated") == "true" ? list("NextContinuationToken") : nil
        if list("IsTruncated") == "true", next == nil || next == page {
            throw Failure(
                .storage,
                "Cannot list \(self.name): the answer is cut short and does not say how to go on",
                hint: "The service must know version 2 of ListObjects (list-type=2)."
            )
        }
        return ObjectPage(objects: objects, next: next)
    }

    func listing(_ prefix: String, page: String?, limit: Int) -> S3Request {
        var request = S3Request(operation: "list", permission: "s3:ListBucket", method: "GET")
        request.query = [
            (name: "list-type", value: "2"), (name: "encoding-type", value: "url"),
            (name: "max-keys", value: "\(limit)"), (name: "prefix", value: self.start + prefix),
        ]
        if let page { request.query.append((name: "continuation-token", value: page)) }
        return request
    }

    /// Sends a request whose answer is a document of a kind; one that is cut short is asked for again.
    func document(_ root: String, _ request: S3Request) async throws -> (XMLNode, S3Answer) {
        let answer = try await self.client.perform(request) { _ in
            false
        } check: { answer in
            if answer.document(root) == nil { throw TryAgain(reason: self.unreadable(answer, root)) }
        }
        guard let document = answer.document(root) else {
            throw Failure(.storage, "Cannot \(self.client.failures.doing(request)): \(self.unreadable(answer, root))")
        }
        return (document, answer)
    }

    private func unreadable(_ answer: S3Answer, _ root: String) -> String {
        let error = S3Error(status: answer.status, headers: answer.headers, body: answer.body)
        return error.code.isEmpty ? "the answer is not a complete \(root)" : error.cause
    }

    /// Keys in listings are encoded as in forms, by some with "+" for a space.
    static func decoded(_ text: String) -> String {
        let spaced = text.replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }
}
