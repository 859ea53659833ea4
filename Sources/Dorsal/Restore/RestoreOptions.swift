/// What to restore, and where to.
public struct RestoreOptions: Sendable {
    /// The backup; nil means the newest.
    public var backup: BackupID?
    /// A data directory elsewhere; nil means the instance's own.
    public var targetDirectory: String?
    /// Another port for the restored instance's option file.
    public var port: UInt16?
    /// Another socket for the restored instance's option file.
    public var socket: String?
    /// Whether to fetch from the peers what no backup holds.
    public var catchesUp: Bool

    /// Makes options; the defaults restore the newest backup in place and catch up.
    public init(
        backup: BackupID? = nil,
        targetDirectory: String? = nil,
        port: UInt16? = nil,
        socket: String? = nil,
        catchesUp: Bool = true
    ) {
        self.backup = backup
        self.targetDirectory = targetDirectory
        self.port = port
        self.socket = socket
        self.catchesUp = catchesUp
    }
}
