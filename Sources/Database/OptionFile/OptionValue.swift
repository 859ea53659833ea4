/// What an option file says about one option.
package enum OptionValue: Sendable, Equatable {
    /// The option stands without a value, which the server reads as switched on.
    case flag
    /// The option's value, with quotes and escapes resolved; possibly empty.
    case value(String)
    /// The option is switched off by its `skip-` or `disable-` form.
    case disabled

    /// The value, if there is one: neither a bare flag nor a disabled option has.
    package var text: String? {
        if case .value(let text) = self { text } else { nil }
    }
}
