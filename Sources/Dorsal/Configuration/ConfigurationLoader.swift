import Failures
import Foundation

/// Finds the configuration file and reads it, with what the environment overrides.
public enum ConfigurationLoader {
    /// Reads the configuration.
    ///
    /// `path`, or else the environment's `DORSAL_CONFIG`, names the file; without them it is `dorsal.yaml` in the working
    /// directory, or else `/etc/dorsal/dorsal.yaml`. For each key the environment's `DORSAL_…` goes before the file, and
    /// the file before the default.
    ///
    /// - Throws: `Failure` of class `usage` that names the file and line, or the variable, and the remedy.
    public static func load(
        path: String? = nil,
        environment: [String: String],
        workingDirectory: String
    ) throws -> Configuration {
        let system = "/etc/dorsal/dorsal.yaml"
        return try self.load(path, environment: environment, workingDirectory: workingDirectory, system: system)
    }

    /// Reads the configuration as ``load(path:environment:workingDirectory:)`` does, and tells where each value comes from.
    ///
    /// - Parameter flags: options of the command line, which go before the environment.
    package static func loadWithSources(
        path: String? = nil,
        flags: [ConfigurationFlag] = [],
        environment: [String: String],
        workingDirectory: String,
        system: String = "/etc/dorsal/dorsal.yaml"
    ) throws -> LoadedConfiguration {
        let named = path ?? environment["DORSAL_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let file = try self.find(named, workingDirectory: workingDirectory, system: system)
        let contents = try FileContents(path: file, purpose: "the configuration file")
        var settings = try ConfigurationSettings(ConfigurationDocument(text: contents.text, file: file))
        try settings.override(by: environment, workingDirectory: workingDirectory)
        settings.override(by: flags, workingDirectory: workingDirectory)
        try settings.complementByOptionFile()
        try settings.checkKinds()
        var builder = ConfigurationBuilder(settings: settings, environment: environment, contents: contents)
        let configuration = try builder.configuration()
        return LoadedConfiguration(configuration: configuration, settings: settings, origins: builder.origins)
    }

    static func load(
        _ path: String?,
        environment: [String: String],
        workingDirectory: String,
        system: String
    ) throws -> Configuration {
        try self.loadWithSources(
            path: path,
            environment: environment,
            workingDirectory: workingDirectory,
            system: system
        ).configuration
    }

    private static func find(_ named: String?, workingDirectory: String, system: String) throws -> String {
        let folder = URL(fileURLWithPath: workingDirectory, isDirectory: true)
        func absolute(_ path: String) -> String {
            URL(fileURLWithPath: path, relativeTo: folder).standardizedFileURL.path
        }
        if let named { return absolute(named) }
        let places = [absolute("dorsal.yaml"), system]
        if let found = places.first(where: { FileManager.default.fileExists(atPath: $0) }) { return found }
        throw Failure(
            .usage,
            "there is no configuration file: looked for \(places.joined(separator: " and "))",
            hint: "write one of them, or name another with --config or DORSAL_CONFIG"
        )
    }
}
