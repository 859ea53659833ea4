import Failures

/// A file and an offset in it, to say where something is wrong.
struct BinlogPlace {
    /// The file's name or path, as the reader of the message knows it.
    let file: String
    /// The offset of the event, in bytes.
    let offset: UInt64

    /// The failure that names the place and the reason.
    func failure(_ reason: String, hint: String? = nil) -> Failure {
        Failure(.integrity, "\(self.file) at offset \(self.offset): \(reason)", hint: hint)
    }

    /// Runs the body and names the place in whatever failure it throws.
    func naming<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as Failure {
            throw self.failure(failure.message, hint: failure.hint)
        }
    }
}
