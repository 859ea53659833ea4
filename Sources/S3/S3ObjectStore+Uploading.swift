import AsyncHTTPClient
import Failures
import Foundation
import NIOCore
import NIOHTTP1
package import Storage

extension S3ObjectStore {
    /// An upload in parts that the service knows of.
    struct Multipart: Sendable {
        let key: String
        let id: String
    }

    package func upload(
        _ key: String,
        expecting expected: Int64,
        _ body: @Sendable (any ObjectUpload) async throws -> Void
    ) async throws -> Int64 {
        let full = try self.full(key)
        let settings = self.client.settings
        let sizes = PartSizes(first: settings.partSize, limit: settings.partLimit, expecting: expected)
        let (parts, continuation) = AsyncStream<UploadPart>.makeStream()
        let upload = S3Upload(sizes: sizes, window: settings.partsInFlight, parts: continuation)
        let whole = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await self.send(parts, of: upload, to: full)
                } catch {
                    upload.stop(because: error)
                    throw error
                }
            }
            let written: ByteBuffer?
            do {
                try await body(upload)
                written = try await upload.finish()
            } catch {
                // A part that failed is the reason, and the writer has only been told to stop.
                group.cancelAll()
                upload.stop()
                let sent = await group.nextResult()
                if error is CancellationError, !Task.isCancelled, case .failure(let reason) = sent { throw reason }
                throw error
            }
            try await group.waitForAll()
            return written
        }
        if let whole { _ = try await self.client.perform(self.putRequest(whole, full)) }
        return await upload.size
    }

    /// Sends parts as they come, several at a time, and completes the upload after the last; aborts it on any failure.
    private func send(_ parts: AsyncStream<UploadPart>, of upload: S3Upload, to key: String) async throws {
        var multipart: Multipart?
        do {
            let tags = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                var tags: [Int: String] = [:]
                var inFlight = 0
                for await part in parts {
                    let target: Multipart
                    if let multipart { target = multipart } else { target = try await self.begin(key) }
                    multipart = target
                    // The window has room for this one, so one of those before may have to be waited for, but not long.
                    while inFlight >= self.client.settings.partsInFlight, let (number, tag) = try await group.next() {
                        tags[number] = tag
                        inFlight -= 1
                    }
                    inFlight += 1
                    group.addTask {
                        do {
                            let tag = try await self.send(part, to: target)
                            upload.release(part)
                            return (part.number, tag)
                        } catch {
                            // Now, not when the loop gets here: the writer may be waiting for room.
                            upload.stop(because: error)
                            throw error
                        }
                    }
                }
                for try await (number, tag) in group { tags[number] = tag }
                return tags
            }
            // A writer that failed ends the parts as well; then the task is cancelled.
            try Task.checkCancellation()
            guard let target = multipart else { return }
            try await self.complete(target, tags, size: upload.size)
        } catch {
            if let multipart { await self.abort(multipart) }
            throw error
        }
    }

    func begin(_ key: String, headers: [(name: String, value: String)] = []) async throws -> Multipart {
        var request = S3Request(operation: "begin to put", permission: "s3:PutObject", method: "POST", key: key)
        request.query = [(name: "uploads", value: "")]
        request.headers = headers
        // An upload whose id is lost cannot be aborted.
        request.isAwaited = true
        let (document, _) = try await self.document("InitiateMultipartUploadResult", request)
        guard let id = document("UploadId"), !id.isEmpty else {
            throw Failure(.storage, "Cannot put \(self.client.failures.name(key)): the upload was given no id")
        }
        return Multipart(key: key, id: id)
    }

    private func send(_ part: UploadPart, to multipart: Multipart) async throws -> String {
        var request = self.putRequest(part.bytes, multipart.key)
        request.query = [(name: "partNumber", value: "\(part.number)"), (name: "uploadId", value: multipart.id)]
        let answer = try await self.client.perform(request)
        guard let tag = answer.headers["etag"] else {
            throw Failure(
                .storage,
                "Cannot put \(self.client.failures.name(multipart.key)): part \(part.number) was given no ETag"
            )
        }
        return tag
    }

    func complete(_ multipart: Multipart, _ tags: [Int: String], size: Int64) async throws {
        var body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        for (number, tag) in tags.sorted(by: { $0.key < $1.key }) {
            let quoted = tag.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            body += "<Part><PartNumber>\(number)</PartNumber><ETag>\(quoted)</ETag></Part>"
        }
        body += "</CompleteMultipartUpload>"
        let request = S3Request(
            operation: "complete",
            permission: "s3:PutObject",
            method: "POST",
            key: multipart.key,
            query: [(name: "uploadId", value: multipart.id)],
            body: ByteBuffer(string: body)
        )
        let answer = try await self.perform(completing: request, "CompleteMultipartUploadResult")
        if let error = answer.error, answer.failures == 0 { throw self.client.judge(error, request) }
        // The length also tells whether an earlier try did complete what this one finds gone.
        let key = String(multipart.key.dropFirst(self.start.count))
        let found = try await self.head(key)?.size
        guard found == size else {
            throw Failure(
                .integrity,
                "\(self.client.failures.name(multipart.key)) has \(found.map { "\($0)" } ?? "no") bytes after the "
                    + "upload, but \(size) were sent",
                cause: answer.error?.cause
            )
        }
    }

    /// Sends a request that may be answered with success and an error in the body, which then is the answer.
    func perform(completing request: S3Request, _ root: String) async throws -> S3Answer {
        try await self.client.perform(request) { error in
            error.code == "NoSuchUpload"
        } check: { answer in
            if answer.error != nil || answer.document(root) != nil { return }
            let error = S3Error(status: 500, headers: answer.headers, body: answer.body)
            if error.code.isEmpty { throw TryAgain(reason: "the answer is not a complete \(root)") }
            throw self.client.judge(error, request)
        }
    }

    /// Aborts an upload, also in a task that is cancelled.
    ///
    /// What cannot be aborted now is left to ``removeUnfinished(_:olderThan:)``.
    func abort(_ multipart: Multipart) async { await self.client.sendAnyway(self.abortion(of: multipart)) }

    func abortion(of multipart: Multipart) -> S3Request {
        S3Request(
            operation: "abort the upload of",
            permission: "s3:AbortMultipartUpload",
            method: "DELETE",
            key: multipart.key,
            query: [(name: "uploadId", value: multipart.id)]
        )
    }
}
