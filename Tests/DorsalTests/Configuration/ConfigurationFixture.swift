import Dorsal
import Failures
import Foundation
import TestSupport
import Testing

@testable import enum Dorsal.ConfigurationLoader

/// A folder with a configuration file in it, and ways to load it.
struct ConfigurationFixture {
    let folder: TemporaryFolder

    /// Makes the folder.
    init() throws { self.folder = try TemporaryFolder() }

    /// The configuration file.
    var file: String { self.folder.path("dorsal.yaml") }

    /// Writes the file and loads it.
    func load(_ yaml: String, environment: [String: String] = [:], mode: Int = 0o600) throws -> Configuration {
        try self.folder.write(yaml, to: "dorsal.yaml", mode: mode)
        return try ConfigurationLoader.load(
            nil,
            environment: environment,
            workingDirectory: self.folder.path,
            system: self.folder.path("none.yaml")
        )
    }

    /// Writes the file and returns the failure to load it, which must be of class `usage`.
    func failure(_ yaml: String, environment: [String: String] = [:], mode: Int = 0o600) throws -> Failure {
        let failure = try #require(throws: Failure.self) {
            try self.load(yaml, environment: environment, mode: mode)
        }
        #expect(failure.class == .usage)
        return failure
    }

    /// A configuration with nothing but what must be there.
    static let least = """
        instance:
          id: 1
          data: /data/mysql
        repository:
          local: /backup

        """
}
