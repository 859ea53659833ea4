import Glibc

/// A UTF-8 character type for the current thread.
///
/// libarchive converts names through the locale. Without this, a process started with `LC_ALL=C`, as services are,
/// could not package a name outside ASCII.
enum TextLocale {
    /// Runs the body with UTF-8 names, on this thread only, and puts the thread's locale back.
    static func withUTF8<Result>(_ body: () throws -> Result) rethrows -> Result {
        // Where the C.UTF-8 locale is missing, ASCII names still work and others are reported.
        guard let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) else { return try body() }
        let previous = uselocale(locale)
        defer {
            uselocale(previous)
            freelocale(locale)
        }
        return try body()
    }
}
