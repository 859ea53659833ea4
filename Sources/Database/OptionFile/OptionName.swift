/// The name of a server option, equal however it is spelled: `log-bin`, `log_bin`, `loose-log-bin`.
///
/// Upper and lower case differ, as they do for the server.
struct OptionName: Hashable, Sendable {
    /// What a prefix does to an option.
    enum Switch { case on, off }

    /// The name with underscores and without `loose_`.
    let text: String

    /// Takes a name as it is written.
    init(_ written: String) {
        let text = String(written.map { $0 == "-" ? "_" : $0 })
        self.text = text.hasPrefix("loose_") ? String(text.dropFirst("loose_".count)) : text
    }

    /// What a `skip_x`, `disable_x` or `enable_x` switches, and how.
    ///
    /// Some options begin with `skip_` by themselves (`skip_networking`), so this is one reading of two.
    var switched: (form: Switch, option: OptionName)? {
        for (prefix, form) in [("skip_", Switch.off), ("disable_", .off), ("enable_", .on)]
        where self.text.hasPrefix(prefix) && self.text.count > prefix.count {
            return (form, OptionName(String(self.text.dropFirst(prefix.count))))
        }
        return nil
    }

    /// Whether this option's value is a password, a key or the like, which must not be copied anywhere.
    func isSecret(_ value: String) -> Bool {
        if OptionName.harmless.contains(self.text) { return false }
        // `FILE:/path` says where the key is, not what it is.
        if self.text == "file_key_management_filekey" { return !value.hasPrefix("FILE:") }
        // `pass` and longer beginnings of `password` are abbreviations that clients take.
        if self.text.count >= 4, "password".hasPrefix(self.text) { return true }
        return OptionName.secrets.contains(self.text) || OptionName.secretEndings.contains { self.text.hasSuffix($0) }
    }

    private static let secrets: Set<String> = [
        "passphrase", "passwd", "pwd", "wsrep_sst_auth",
    ]
    private static let secretEndings = [
        "_passphrase", "_passwd", "_password", "_pwd", "_secret", "_secret_id", "_token",
    ]
    /// Plugins and behaviours whose names end like a password; without them users could no longer log in.
    private static let harmless: Set<String> = [
        "caching_sha2_password", "disconnect_on_expired_password", "mysql_native_password", "sha256_password",
        "validate_password",
    ]
}
