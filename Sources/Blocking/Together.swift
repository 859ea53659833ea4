/// Runs two things side by side; when one fails, the other is cancelled.
package func together<First: Sendable, Second: Sendable>(
    _ first: @escaping @Sendable () async throws -> First,
    _ second: @escaping @Sendable () async throws -> Second
) async throws -> (First, Second) {
    try await withThrowingTaskGroup(of: Half<First, Second>.self) { group in
        group.addTask { .first(try await first()) }
        group.addTask { .second(try await second()) }
        var results: (First?, Second?) = (nil, nil)
        for try await half in group {
            switch half {
            case .first(let value): results.0 = value
            case .second(let value): results.1 = value
            }
        }
        guard let first = results.0, let second = results.1 else { throw CancellationError() }
        return (first, second)
    }
}

private enum Half<First: Sendable, Second: Sendable>: Sendable {
    case first(First)
    case second(Second)
}
