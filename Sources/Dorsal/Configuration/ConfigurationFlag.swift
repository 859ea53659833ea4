/// An option of the command line that overrides a key of the configuration.
package struct ConfigurationFlag: Sendable, Equatable {
    /// The option as it is written, such as `--engine`.
    package let name: String
    /// The key that it overrides, such as `backup.engine`; never a secret's.
    package let key: String
    /// The value's text.
    package let text: String

    /// Makes an override.
    package init(_ name: String, key: String, text: String) {
        self.name = name
        self.key = key
        self.text = text
    }
}
