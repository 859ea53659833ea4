/// The header of an entry, as it stands in the tar: nothing of it is to be trusted.
struct TarEntry {
    /// What an entry is.
    enum Kind {
        case file
        case directory
        /// Something that no package has, described in words.
        case other(String)
    }

    let path: String
    let kind: Kind
    let size: Int64
    let mode: UInt32
}
