/// Somewhere the bytes of a package go, in order, while they are made.
///
/// All calls come from the one thread that writes the package. A sink that is let go of before ``finish()`` should
/// leave nothing behind: the package was not completed.
package protocol ByteSink: AnyObject {
    /// Takes the next bytes; they are valid only during the call.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Makes everything taken so far durable, and ends the sink.
    func finish() throws
}
