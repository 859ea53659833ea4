/// What a decoder finds wrong with its input.
enum StreamDamage: Error {
    /// The input ended too early.
    case truncated
    /// Something follows the end.
    case trailing
    /// The input is not what it should be, or not what was written.
    case corrupt(String)
}
