/// Colours for a stream that is a terminal; without one, texts stay as they are.
package struct Paint: Sendable {
    /// Whether there is colour.
    package let isOn: Bool

    /// Colour or none.
    package init(isOn: Bool) { self.isOn = isOn }

    /// Decides for one stream: no colour without a terminal, on a dumb one, when `NO_COLOR` is set and not empty
    /// (no-color.org), or when the user refuses it.
    package init(isTerminal: Bool, environment: [String: String], isRefused: Bool) {
        let isUnwanted = isRefused || !(environment["NO_COLOR"] ?? "").isEmpty
        self.isOn = isTerminal && environment["TERM"] != "dumb" && !isUnwanted
    }

    /// For what failed.
    package func red(_ text: String) -> String { self.painted(text, 31) }
    /// For what is done.
    package func green(_ text: String) -> String { self.painted(text, 32) }
    /// For what should be looked at.
    package func yellow(_ text: String) -> String { self.painted(text, 33) }

    private func painted(_ text: String, _ code: Int) -> String {
        self.isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
