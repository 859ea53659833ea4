import ArgumentParser
import Commands
import Glibc

/// The program: parses the command line, runs the command, and ends with its exit code.
@main
enum Main {
    static func main() async {
        // A reader that has gone must end as an error of a write, not kill us before we have cleaned up.
        signal(SIGPIPE, SIG_IGN)
        do {
            try SecretOptions.refuse(in: Array(CommandLine.arguments.dropFirst()))
            var command = try await DorsalCommand.asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            DorsalCommand.exit(withError: error)
        }
    }
}
