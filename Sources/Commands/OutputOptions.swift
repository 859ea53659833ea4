import ArgumentParser

/// How a command is to print.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON Lines on standard output.")
    var json = false

    @Flag(name: .shortAndLong, help: "Tell warnings and errors only.")
    var quiet = false

    @Flag(help: "Use no colours; neither does anything when NO_COLOR is set.")
    var noColor = false
}
