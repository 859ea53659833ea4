/// Lets a few pieces of work run at a time, as real servers need memory and cores.
package actor Gate {
    /// The gate that all tests with servers pass through.
    package static let servers = Gate(3)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(_ places: Int) { self.free = places }

    /// Runs work when there is a place.
    package nonisolated func pass<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        await self.enter()
        do {
            let result = try await work()
            await self.leave()
            return result
        } catch {
            await self.leave()
            throw error
        }
    }

    private func enter() async {
        if self.free > 0 {
            self.free -= 1
        } else {
            await withCheckedContinuation { self.waiting.append($0) }
        }
    }

    private func leave() {
        if self.waiting.isEmpty {
            self.free += 1
        } else {
            self.waiting.removeFirst().resume()
        }
    }
}
