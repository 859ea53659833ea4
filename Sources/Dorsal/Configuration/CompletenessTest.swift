extension Configuration {
    /// Statements that put a value into a table and read the last two back.
    public struct CompletenessTest: Sendable, Equatable {
        /// An INSERT with `{v}` where the value goes.
        public var insert: String
        /// A SELECT of the last two values, the newest first.
        public var select: String

        /// Makes a test.
        public init(insert: String, select: String) {
            self.insert = insert
            self.select = select
        }
    }
}
