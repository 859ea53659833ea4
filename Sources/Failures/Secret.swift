/// A password or key that never shows itself: descriptions and dumps of it are redacted.
///
/// The value leaves only through ``reveal()``, so a search for that name finds every place that uses a secret.
public struct Secret: Sendable, Equatable {
    private let value: String

    /// Wraps a secret value.
    public init(_ value: String) { self.value = value }

    /// The secret itself, for the one call that must have it.
    public func reveal() -> String { self.value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `[redacted]`.
    public var description: String { "[redacted]" }
    /// Always `[redacted]`.
    public var debugDescription: String { self.description }
    /// A mirror without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
