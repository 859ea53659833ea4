import Failures
import Signing
import Storage

extension S3ObjectStore {
    /// The length of parts of a copy where a single request would do no longer; several are made at a time.
    private static let copyPart: Int64 = 512 << 20

    package func setMetadata(_ key: String, _ metadata: [String: String]) async throws {
        let full = try self.full(key)
        guard let found = try await self.lookUp(full) else {
            throw Failure(.storage, "Cannot set the metadata of \(self.url(key)): there is no such object")
        }
        let size = try self.size(of: key, found)
        let headers = metadata.map { (name: "x-amz-meta-" + $0.key, value: $0.value) }
        // A copy onto itself, which the service makes without moving a byte through this machine.
        if size <= self.client.settings.copyLimit {
            var request = self.copying(full, "set the metadata of")
            request.headers += [(name: "x-amz-metadata-directive", value: "REPLACE")] + headers
            _ = try await self.perform(completing: request, "CopyObjectResult")
        } else {
            try await self.copyInParts(full, size, tag: found.headers["etag"], headers)
        }
    }

    /// Copies an object onto itself part by part; it is replaced as a whole when the last part is there.
    private func copyInParts(
        _ full: String,
        _ size: Int64,
        tag: String?,
        _ headers: [(name: String, value: String)]
    ) async throws {
        let settings = self.client.settings
        let length = min(settings.copyLimit, max(Self.copyPart, size / Int64(settings.partLimit) + 1))
        let multipart = try await self.begin(full, headers: headers)
        do {
            var ranges = stride(from: 0, to: size, by: Int64.Stride(length)).map { $0..<min(size, $0 + length) }
                .enumerated().makeIterator()
            let tags = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                var tags: [Int: String] = [:]
                func addNext() {
                    guard let (index, range) = ranges.next() else { return }
                    group.addTask { (index + 1, try await self.copy(range, part: index + 1, of: multipart, tag)) }
                }
                for _ in 0..<max(1, settings.partsInFlight) { addNext() }
                while let (number, tag) = try await group.next() {
                    tags[number] = tag
                    addNext()
                }
                return tags
            }
            try await self.complete(multipart, tags, size: size)
        } catch {
            await self.abort(multipart)
            throw error
        }
    }

    private func copy(_ range: Range<Int64>, part: Int, of multipart: Multipart, _ tag: String?) async throws -> String
    {
        var request = self.copying(multipart.key, "copy a part of")
        request.query = [(name: "partNumber", value: "\(part)"), (name: "uploadId", value: multipart.id)]
        let bytes = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        request.headers.append((name: "x-amz-copy-source-range", value: bytes))
        // Parts of two objects must not be mixed.
        if let tag { request.headers.append((name: "x-amz-copy-source-if-match", value: tag)) }
        let answer = try await self.perform(completing: request, "CopyPartResult")
        if let error = answer.error { throw self.client.failures.failure(error, request) }
        guard let tag = answer.document("CopyPartResult")?("ETag") else {
            throw Failure(
                .storage,
                "Cannot copy \(self.client.failures.name(multipart.key)): part \(part) was given no ETag"
            )
        }
        return tag
    }

    /// A request that copies an object, or a part of it, onto itself.
    private func copying(_ full: String, _ operation: String) -> S3Request {
        let source = "/" + self.client.settings.bucket + "/" + URIEncoding.encodePath(full)
        return S3Request(
            operation: operation,
            permission: "s3:PutObject",
            method: "PUT",
            key: full,
            headers: [(name: "x-amz-copy-source", value: source)]
        )
    }
}
