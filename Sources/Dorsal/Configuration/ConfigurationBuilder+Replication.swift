import Failures

extension ConfigurationBuilder {
    /// The peers, with what their numbers must be to each other.
    mutating func replication(of instance: Configuration.Instance) throws -> Configuration.Replication {
        var replication = Configuration.Replication()
        replication.password = try self.secret("replication.password")
        replication.user = self.settings["replication.user"]?.text
        var ids: Set<UInt32> = [instance.id]
        for index in self.settings.sourceLines.indices {
            let source = try self.source(index)
            guard ids.insert(source.id).inserted else {
                let setting = try self.settings.required("\(ConfigurationKey.sources)[\(index)].id")
                let whose = source.id == instance.id ? "the instance itself" : "another peer"
                throw setting.failure(
                    "is the number of \(whose)",
                    hint: "every server of a group has a number of its own"
                )
            }
            replication.sources.append(source)
        }
        if !replication.sources.isEmpty { _ = try self.settings.required("replication.user") }
        replication.temporaryServerID = try self.temporaryServerID(besides: ids)
        return replication
    }

    private func source(_ index: Int) throws -> Configuration.Source {
        let path = "\(ConfigurationKey.sources)[\(index)]"
        return try Configuration.Source(
            id: self.ofSource(index, "id").number(in: 1...UInt32.max),
            host: self.ofSource(index, "host").text,
            port: self.settings["\(path).port"]?.number(in: 1...UInt16.max) ?? 3306
        )
    }

    private func ofSource(_ index: Int, _ name: String) throws -> Setting {
        if let setting = self.settings["\(ConfigurationKey.sources)[\(index)].\(name)"] { return setting }
        let place = "\(self.settings.file):\(self.settings.sourceLines[index])"
        throw Failure(.usage, "\(place): this peer has no '\(name)'", hint: "write: { id: 2, host: db2.example.com }")
    }

    private func temporaryServerID(besides ids: Set<UInt32>) throws -> UInt32? {
        guard let setting = self.settings["replication.temporary_server_id"] else { return nil }
        let id = try setting.number(in: 1...UInt32.max)
        guard !ids.contains(id) else {
            let hint = "a server ignores events with its own server-id; choose a number that no server has"
            throw setting.failure("is the number of a server of the group", hint: hint)
        }
        return id
    }
}
