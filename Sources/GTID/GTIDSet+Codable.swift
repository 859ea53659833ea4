extension GTIDSet: Codable {
    private enum CodingKeys: String, CodingKey {
        case flavor
        case set
    }

    /// Reads `{"flavor":"mysql","set":"…"}`.
    ///
    /// - Throws: `Failure` of class `integrity` when the set is malformed, `DecodingError` when a key is.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let flavor = try container.decode(GTIDFlavor.self, forKey: .flavor)
        try self.init(parsing: container.decode(String.self, forKey: .set), flavor: flavor)
    }

    /// Writes `{"flavor":"mysql","set":"…"}`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.flavor, forKey: .flavor)
        try container.encode(self.description, forKey: .set)
    }
}
