/// Somewhere the bytes of a package go, in order, while they are made.
///
/// Calls come one at a time, from other threads than the sink was made on. A sink that is let go of before ``finish()``
/// should leave nothing behind: the package was not completed.
package protocol ByteSink: AnyObject, Sendable {
    /// Takes the next bytes; they are valid only during the call.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Makes everything taken so far durable, and ends the sink.
    func finish() throws
}
