extension ConfigurationKey {
    /// All keys, in the order of the reference.
    package static let all: [ConfigurationKey] =
        instanceKeys + repositoryKeys + s3Keys + backupKeys + replicationKeys + retentionKeys + operationKeys
        + completenessTestKeys + flatKeys

    private static let instanceKeys: [ConfigurationKey] =
        serverKeys + secretKeys("instance.password", "the database user's password") + [
            ConfigurationKey(
                "instance.defaults_file",
                .path,
                "an option file whose [dorsal] and [client] groups give user, password, port and socket"
            ),
            ConfigurationKey(
                "instance.os_user",
                .text,
                "the owner of restored files and user of temporary servers",
                standard: "mysql"
            ),
        ]

    private static let serverKeys = [
        ConfigurationKey("instance.name", .text, "the folder in the repository", standard: "mysql-<port>"),
        ConfigurationKey("instance.id", .number, "the instance's number, unique in the replication group"),
        ConfigurationKey("instance.port", .port, "the TCP port", standard: "3306"),
        ConfigurationKey(
            "instance.base",
            .path,
            "the server's installation: bin/ or sbin/ with mysqld or mariadbd",
            standard: "the usual places"
        ),
        ConfigurationKey("instance.data", .path, "the data directory", standard: "datadir of instance.my_cnf"),
        ConfigurationKey(
            "instance.my_cnf",
            .path,
            "the server's option file",
            standard: "my.cnf in instance.data"
        ),
        ConfigurationKey(
            "instance.socket",
            .path,
            "the UNIX socket",
            standard: "socket of instance.my_cnf, or else /var/run/mysqld/mysqld-<port>.sock"
        ),
        ConfigurationKey("instance.user", .text, "the database user to connect as", standard: "root"),
    ]

    private static let repositoryKeys = [
        ConfigurationKey("repository.local", .path, "the local folder for backups")
    ]

    private static let backupKeys = [
        ConfigurationKey(
            "backup.engine",
            .choice(Configuration.EngineChoice.allCases.map(\.rawValue)),
            "what copies the data",
            standard: "auto"
        ),
        ConfigurationKey(
            "backup.package",
            .choice(Configuration.PackageFormat.allCases.map(\.rawValue)),
            "the package's form; stream puts no copy of the data on the disk",
            standard: "tar.gz"
        ),
        ConfigurationKey(
            "backup.keep_local",
            .flag,
            "leave the package in the local repository after the upload",
            standard: "true"
        ),
        ConfigurationKey(
            "backup.max_rate",
            .size(1024...1 << 40),
            "the most bytes to read in a second",
            standard: "no limit"
        ),
        ConfigurationKey(
            "backup.low_priority",
            .flag,
            "let others go first when processor or disks are busy",
            standard: "false"
        ),
        ConfigurationKey(
            "backup.staging",
            .path,
            "the folder for the engine's copy of the data",
            standard: "repository.local"
        ),
        ConfigurationKey(
            "backup.threads",
            .count(1...256),
            "how many threads copy and compress",
            standard: "as many as there are cores"
        ),
    ]

    private static let replicationKeys: [ConfigurationKey] =
        [ConfigurationKey("replication.user", .text, "the user that replicates from the peers")]
        + secretKeys("replication.password", "that user's password") + peerKeys

    private static let peerKeys = [
        ConfigurationKey("replication.sources[].id", .number, "the peer's number; its channel is source-<id>"),
        ConfigurationKey("replication.sources[].host", .text, "the peer's host"),
        ConfigurationKey("replication.sources[].port", .port, "the peer's TCP port", standard: "3306"),
        ConfigurationKey(
            "replication.temporary_server_id",
            .number,
            "the server-id while an instance catches up",
            standard: "derived, and checked against all peers"
        ),
    ]

    private static let completenessTestKeys = [
        ConfigurationKey("completeness_test.insert", .text, "an INSERT with {v} where a value goes"),
        ConfigurationKey("completeness_test.select", .text, "a SELECT of the last two values"),
    ]

    private static let flatKeys = [
        ConfigurationKey("mysql_base", .path, "instance.base in mysqlbackup.py", successor: "instance.base"),
        ConfigurationKey("host", .text, "the host's name, for people only"),
        ConfigurationKey("data_base", .path, "the folder of the data directory mysql-<port>"),
        ConfigurationKey("backup_base", .path, "repository.local in mysqlbackup.py", successor: "repository.local"),
        ConfigurationKey("port", .port, "instance.port in mysqlbackup.py", successor: "instance.port"),
        ConfigurationKey("instance_id", .number, "instance.id in mysqlbackup.py", successor: "instance.id"),
        ConfigurationKey("s3_host", .text, "the host of the S3 storage", successor: "repository.s3.endpoint"),
        ConfigurationKey("s3_bucket", .text, "the bucket", successor: "repository.s3.bucket"),
        ConfigurationKey("s3_access_key", .text, "the access key", successor: "repository.s3.access_key"),
        ConfigurationKey("s3_secret_key", .secret, "the secret key", successor: "repository.s3.secret_key"),
        ConfigurationKey(
            "sql_test_insert",
            .text,
            "an INSERT with {v} in it",
            successor: "completeness_test.insert"
        ),
        ConfigurationKey(
            "sql_test_get_2",
            .text,
            "a SELECT of the last two values",
            successor: "completeness_test.select"
        ),
    ]
}
