/// Looks at one file's contents while a package is verified.
///
/// All calls come from the thread that verifies.
package protocol FileInspector: AnyObject {
    /// Takes the next bytes; they are valid only during the call.
    func take(_ bytes: UnsafeRawBufferPointer) throws
    /// Ends the file: all of it came, with the length and the checksum that it should have.
    func finish() throws
}
