import Failures

extension ObjectStore {
    /// Reads an object from its start to its end, several parts at a time, and hands the parts over in order.
    ///
    /// In memory are the parts on their way and those that wait for an earlier one, `inFlight` of them together, and
    /// the one that the closure has. When the closure throws or the task is cancelled, what is on its way is given up.
    ///
    /// - Parameters:
    ///   - key: The object.
    ///   - size: Its length in bytes, as ``head(_:)`` or a manifest has it.
    ///   - partSize: The length of a part, in bytes.
    ///   - inFlight: The most parts at a time.
    ///   - take: Takes the parts, one after another; each but the last has the whole length.
    /// - Throws: ``Failure`` of class storage as ``read(_:_:)`` does, and of class integrity when the object is
    ///   shorter. One that is replaced meanwhile by one as long is told by its checksum only, which is the caller's.
    package func readAll(
        _ key: String,
        size: Int64,
        partSize: Int = 8 << 20,
        inFlight: Int = 4,
        to take: ([UInt8]) async throws -> Void
    ) async throws {
        let length = Int64(max(1, partSize))
        let count = (size + length - 1) / length
        try await withThrowingTaskGroup(of: (Int64, [UInt8]).self) { group in
            var early: [Int64: [UInt8]] = [:]
            var begun: Int64 = 0
            for number in 0..<count {
                while true {
                    while begun < min(count, number + Int64(max(1, inFlight))) {
                        let part = begun
                        group.addTask {
                            (part, try await self.read(key, part * length..<min(size, (part + 1) * length)))
                        }
                        begun += 1
                    }
                    if let bytes = early.removeValue(forKey: number) {
                        try self.check(bytes, number * length..<min(size, (number + 1) * length), key)
                        try await take(bytes)
                        break
                    }
                    guard let (part, bytes) = try await group.next() else {
                        throw Failure(.internal, "\(self.name)/\(key): part \(number) was never read")
                    }
                    early[part] = bytes
                }
            }
        }
    }

    private func check(_ bytes: [UInt8], _ range: Range<Int64>, _ key: String) throws {
        guard bytes.count != range.count else { return }
        throw Failure(
            .integrity,
            "\(self.name)/\(key) ends after \(range.lowerBound + Int64(bytes.count)) bytes; more were expected",
            hint: "It was replaced or damaged: use another copy."
        )
    }
}
