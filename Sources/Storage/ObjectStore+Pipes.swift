import Archive
package import Failures

/// How an upload ended that blocking work wrote.
package struct PipedUpload<Result: Sendable>: Sendable {
    /// What the work returned.
    package let result: Result
    /// Why the object is not there; nil when it is.
    package let failure: Failure?
}

extension ObjectStore {
    /// Uploads what blocking work writes into a sink, while it is written.
    ///
    /// - Parameters:
    ///   - key: The object.
    ///   - expected: About how many bytes to expect.
    ///   - isRequired: Whether a failed upload ends the work; if not, the work goes on without it.
    ///   - work: Writes into the sink, which is finished when it returns.
    /// - Throws: What the work throws; then the upload is aborted. If it is required, also why the upload failed.
    package func upload<Result: Sendable>(
        _ key: String,
        expecting expected: Int64,
        isRequired: Bool,
        from work: @Sendable (PipeSink) async throws -> Result
    ) async throws -> PipedUpload<Result> {
        let pipe = BytePipe()
        return try await withThrowingTaskGroup(of: Failure?.self) { group in
            group.addTask {
                do {
                    _ = try await self.upload(key, expecting: expected) { upload in
                        while let bytes = try await pipe.next() { try await upload.write(bytes) }
                    }
                    return nil
                } catch {
                    // The work learns of it here, the caller where it is thrown or returned.
                    pipe.fail(error)
                    guard !isRequired, let failure = error as? Failure else { throw error }
                    return failure
                }
            }
            do {
                let result = try await work(PipeSink(pipe, isRequired: isRequired))
                return PipedUpload(result: result, failure: try await group.next() ?? nil)
            } catch {
                pipe.fail(CancellationError())
                throw error
            }
        }
    }

    /// Downloads an object for blocking work that reads it.
    ///
    /// - Parameters:
    ///   - key: The object.
    ///   - size: The object's length, in bytes.
    ///   - work: Reads from the source; it need not read to the end.
    package func download<Result: Sendable>(
        _ key: String,
        size: Int64,
        name: String,
        into work: @Sendable (PipeSource) async throws -> Result
    ) async throws -> Result {
        let pipe = BytePipe()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await self.readAll(key, size: size) { try await pipe.send($0) }
                    pipe.end()
                } catch {
                    pipe.fail(error)
                    throw error
                }
            }
            do {
                let result = try await work(PipeSource(pipe, name: name, size: size))
                group.cancelAll()
                return result
            } catch {
                group.cancelAll()
                throw error
            }
        }
    }
}
