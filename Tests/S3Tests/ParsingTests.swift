import Failures
import Foundation
import Signing
import Testing

@testable import S3

@Suite("Addresses and answers")
struct ParsingTests {
    private func address(_ endpoint: String?, bucket: String = "bucket") throws -> Address {
        let credentials = Credentials(accessKey: "AK", secretKey: Secret("hush"))
        return try Address(
            S3Settings(endpoint: endpoint, bucket: bucket, region: "eu-west-3", credentials: credentials)
        )
    }

    @Test("times of headers")
    func dates() {
        #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT")?.timeIntervalSince1970 == 784_111_777)
        #expect(HTTPDate.parse("Thu, 29 Feb 2024 00:00:00 GMT")?.timeIntervalSince1970 == 1_709_164_800)
        for text in [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 XXX 1994 1:2:3 GMT",
        ] {
            #expect(HTTPDate.parse(text) == nil)
        }
    }

    @Test("AWS takes the bucket in the host's name, all others in the path")
    func addresses() throws {
        let aws = try self.address(nil)
        #expect(aws.host == "bucket.s3.eu-west-3.amazonaws.com")
        #expect(aws.path("a b/c") == "/a%20b/c")
        #expect(aws.path(nil) == "/")
        let dotted = try self.address(nil, bucket: "a.b")
        #expect(dotted.host == "s3.eu-west-3.amazonaws.com")
        #expect(dotted.path("k") == "/a.b/k")
        let own = try self.address("HTTPS://s3.example.com:443/storage/v1/")
        #expect(own.host == "s3.example.com")
        #expect(own.path("k") == "/storage/v1/bucket/k")
        #expect(own.path(nil) == "/storage/v1/bucket")
        #expect(try self.address("http://[::1]:8333").host == "[::1]:8333")
    }

    @Test(
        "answers are read",
        arguments: [
            "<?xml version='1.0'?>\n<A xmlns=\"x\"><B>t&amp;&#x41;&lt;</B><C/><B a='1'><![CDATA[<x>]]></B></A>\n"
        ]
    )
    func xml(_ text: String) throws {
        let node = try #require(XMLNode(document: Array(text.utf8)))
        #expect(node.name == "A")
        #expect(node("B") == "t&A<")
        #expect(node.all("B").map(\.text) == ["t&A<", "<x>"])
        #expect(node("C") == "")
        #expect(node("D") == nil)
        for count in 0..<(text.utf8.count - 2) {
            #expect(XMLNode(document: Array(text.utf8.prefix(count))) == nil, "\(count)")
        }
    }

    @Test(
        "what is no such document is refused",
        arguments: [
            "", "text", "<A>", "<A></B>", "<A>&nope;</A>", "<A/><B/>", "<!DOCTYPE A><A/>", "<A b></A>",
            String(repeating: "<A>", count: 50) + String(repeating: "</A>", count: 50),
        ]
    )
    func noXML(_ text: String) { #expect(XMLNode(document: Array(text.utf8)) == nil) }
}
