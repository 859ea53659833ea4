import Failures
import Processes

/// An authority for certificates, and a certificate of it for this machine, made by the `openssl` program.
struct TestAuthority {
    /// The PEM file of the authority.
    let certificates: String
    /// The PEM file of the server's certificate.
    let certificate: String
    /// The PEM file of the server's key.
    let key: String

    /// Makes them in a folder.
    static func make(in folder: String) async throws -> TestAuthority {
        let authority = (key: "\(folder)/ca.key", certificate: "\(folder)/ca.pem")
        let server = (key: "\(folder)/server.key", certificate: "\(folder)/server.pem")
        let common = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        try await self.openssl(
            common + ["-keyout", authority.key, "-out", authority.certificate, "-subj", "/CN=Authority of a test"]
        )
        try await self.openssl(
            common + [
                "-keyout", server.key, "-out", server.certificate, "-subj", "/CN=localhost",
                "-CA", authority.certificate, "-CAkey", authority.key,
                "-addext", "subjectAltName=DNS:localhost,DNS:*.localhost",
            ]
        )
        return TestAuthority(
            certificates: authority.certificate,
            certificate: server.certificate,
            key: server.key
        )
    }

    private static func openssl(_ arguments: [String]) async throws {
        try await ToolCommand("openssl", arguments).run(
            failureClass: .internal,
            hint: "run Scripts/install-dependencies.sh, which installs openssl"
        )
    }
}
