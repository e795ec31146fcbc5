import Testing

@testable import CurlTransport

/// The lines of libcurl's trace that are read, as libcurl 7.88.1 wrote them.
@Suite struct CurlNoticeTests {
    @Test(arguments: [
        ("Using Stream ID: 3 (easy handle 0x5569ec129720)\n", CurlNotice.streamOpened(3)),
        ("recveived GOAWAY, error=0, last_stream=1\n", .goAway(lastStream: 1)),
        ("received GOAWAY, error=11, last_stream=2147483647\n", .goAway(lastStream: 2_147_483_647)),
        ("REFUSED_STREAM, retrying a fresh connect\n", .streamRefused),
        ("Connection died, retrying a fresh connect (retry count: 1)\n", .retrying),
        ("Downgrades to HTTP/1.1\n", .retrying),
        ("Issue another request to this URL: 'https://x/\(String(repeating: "a", count: 300))'\n", .retrying),
        ("TLSv1.3 (IN), TLS alert, close notify (256):\n", .closeNotify),
        ("TLSv1.2 (IN), TLS alert, close notify (256):\n", .closeNotify),
    ])
    func `a line is read`(line: String, notice: CurlNotice) {
        #expect(Self.notice(line) == notice)
    }

    @Test(arguments: [
        "", "\n", "Connection died, tried 5 times before giving up\n", "Connection 0 seems to be dead\n",
        "TLSv1.3 (OUT), TLS alert, close notify (256):\n", "TLSv1.3 (IN), TLS alert, unknown CA (560):\n",
        "h2h3 [x: REFUSED_STREAM, retrying a fresh connect]\n", "h2h3 [x: Using Stream ID: 9]\n",
        "recveived GOAWAY, error=0, last_stream=\n", "Using Stream ID: \n",
        "Using Stream ID: 99999999999999999999999999\n",
    ])
    func `any other line is passed over`(line: String) {
        #expect(Self.notice(line) == nil)
    }

    private static func notice(_ line: String) -> CurlNotice? {
        Array(line.utf8).withUnsafeBytes { CurlNotice($0) }
    }
}
