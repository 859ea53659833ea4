import Failures
package import Foundation
import NIOCore
import Signing
import Storage

extension S3ObjectStore {
    package func removeUnfinished(
        _ prefix: String,
        olderThan age: Duration,
        where isOwn: @Sendable (String) -> Bool
    ) async throws -> [String] {
        let limit = Date(timeIntervalSinceNow: -Double(age.components.seconds))
        var removed: [String] = []
        for upload in try await self.unfinished(prefix) where upload.begun <= limit {
            let request = self.abortion(of: upload.multipart)
            _ = try await self.client.perform(request) { $0.code == "NoSuchUpload" }
            removed.append(upload.key)
        }
        return removed.sorted()
    }

    /// An upload that was begun, and neither completed nor aborted.
    package struct UnfinishedUpload: Sendable {
        /// The object that it is to become.
        package let key: String
        /// When it was begun, by the service's clock.
        package let begun: Date
        let multipart: Multipart
    }

    /// Lists the uploads of objects whose keys start with a prefix; they may be going on.
    package func unfinished(_ prefix: String) async throws -> [UnfinishedUpload] {
        var found: [UnfinishedUpload] = []
        var marker: (key: String, id: String)?
        repeat {
            var request = S3Request(
                operation: "list unfinished uploads in",
                permission: "s3:ListBucketMultipartUploads",
                method: "GET"
            )
            request.query = [(name: "uploads", value: ""), (name: "prefix", value: self.start + prefix)]
            if let marker {
                request.query.append((name: "key-marker", value: marker.key))
                request.query.append((name: "upload-id-marker", value: marker.id))
            }
            let (document, _) = try await self.document("ListMultipartUploadsResult", request)
            for upload in document.all("Upload") {
                guard let key = upload("Key"), let id = upload("UploadId"), key.hasPrefix(self.start + prefix),
                    let begun = upload("Initiated").flatMap({ Self.date($0) })
                else { continue }
                let multipart = Multipart(key: key, id: id)
                let name = String(key.dropFirst(self.start.count))
                found.append(UnfinishedUpload(key: name, begun: begun, multipart: multipart))
            }
            marker = nil
            if document("IsTruncated") == "true", let key = document("NextKeyMarker"),
                let id = document("NextUploadIdMarker")
            {
                marker = (key, id)
            }
        } while marker != nil
        return found
    }

    /// A time as services write it, with or without fractions of a second.
    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            ?? (try? Date(text, strategy: .iso8601))
    }
}

extension S3ObjectStore {
    /// Creates the bucket; one of this account's own that exists already is no error.
    package func createBucket() async throws {
        let request = S3Request(
            operation: "create the bucket",
            permission: "s3:CreateBucket",
            method: "PUT",
            key: nil,
            body: self.bucketConfiguration
        )
        _ = try await self.client.perform(request) { $0.code == "BucketAlreadyOwnedByYou" }
    }

    /// Where the bucket is to be; us-east-1 must not be named.
    private var bucketConfiguration: ByteBuffer {
        let region = self.client.settings.region
        if region == "us-east-1" { return ByteBuffer() }
        let text =
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>"
            + region + "</LocationConstraint></CreateBucketConfiguration>"
        return ByteBuffer(string: text)
    }
}
