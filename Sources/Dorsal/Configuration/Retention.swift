extension Configuration {
    /// Which backups stay when old ones are removed.
    @dynamicMemberLookup
    public struct Retention: Sendable, Equatable {
        /// What one repository keeps: a backup stays when any of the rules keeps it; without a rule all stay.
        public struct Policy: Sendable, Equatable {
            /// The newest so many backups.
            public var keepLast: Int?
            /// The newest backup of each of the last so many days that have one.
            public var keepDaily: Int?
            /// The newest backup of each of the last so many weeks that have one.
            public var keepWeekly: Int?
            /// The newest backup of each of the last so many months that have one.
            public var keepMonthly: Int?
            /// All backups that are not older than this.
            public var keepWithin: Duration?

            /// Makes a policy.
            public init(
                keepLast: Int? = nil,
                keepDaily: Int? = nil,
                keepWeekly: Int? = nil,
                keepMonthly: Int? = nil,
                keepWithin: Duration? = nil
            ) {
                self.keepLast = keepLast
                self.keepDaily = keepDaily
                self.keepWeekly = keepWeekly
                self.keepMonthly = keepMonthly
                self.keepWithin = keepWithin
            }

            /// Whether there is no rule, so that nothing is ever removed.
            public var isEmpty: Bool { self == Policy() }
        }

        /// The two kinds of repositories.
        public enum Place: String, Sendable, CaseIterable {
            /// The local folder.
            case local
            /// The S3-compatible storage.
            case s3
        }

        /// What holds for a repository that has no policy of its own.
        public var general: Policy
        /// The local repository's own policy.
        public var local: Policy?
        /// The policy of the S3-compatible storage.
        public var s3: Policy?
        /// How old the left-overs of a failed run must be to be cleared.
        public var grace: Duration

        /// Makes the settings.
        public init(
            general: Policy = Policy(),
            local: Policy? = nil,
            s3: Policy? = nil,
            grace: Duration = .seconds(86_400)
        ) {
            self.general = general
            self.local = local
            self.s3 = s3
            self.grace = grace
        }

        /// What holds for a repository: its own policy as a whole, or else the general one.
        public func policy(for place: Place) -> Policy {
            switch place {
            case .local: self.local ?? self.general
            case .s3: self.s3 ?? self.general
            }
        }

        /// The general policy's rules.
        public subscript<Rule>(dynamicMember rule: KeyPath<Policy, Rule>) -> Rule { self.general[keyPath: rule] }
    }
}
