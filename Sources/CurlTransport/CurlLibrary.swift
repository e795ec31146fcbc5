import CCurl
import Glibc

/// libcurl as the process has it: set up once, before the first thread that uses it.
enum CurlLibrary {
    /// - Throws: ``CurlEngineError/libcurl(_:)`` on every call if the set-up failed.
    static func prepare() throws(CurlEngineError) {
        guard setUp == CURLE_OK else { throw .libcurl("error \(setUp.rawValue)") }
    }

    private static let setUp: CURLcode = {
        // OpenSSL writes to sockets that the peer has closed; libcurl guards most of its calls, not all.
        signal(SIGPIPE, SIG_IGN)
        let code = ccurl_global_init()
        // Registered after the TLS library's own, therefore called before it.
        atexit { EngineThreads.shared.endAll(within: .seconds(2)) }
        return code
    }()
}
