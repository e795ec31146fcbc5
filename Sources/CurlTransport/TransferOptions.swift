import CCurl
import OutboundHTTP

/// The options that all transfers of an engine share.
struct TransferSettings: Sendable {
    var certificateFile: String?
    /// Empty for none: libcurl reads the environment only when the option is not set at all.
    var proxy: String
    var proxyIsLoopback: Bool
    var idleLifetime: Duration
    var connectionLifetime: Duration
    var maximumAnswerHeaderBytes: Int
    var peerAddresses: PeerAddresses
    var knownHosts: [String]
}

/// Sets options of one easy handle, and remembers the first that libcurl did not accept.
struct TransferOptions {
    let handle: UnsafeMutableRawPointer
    private(set) var refused: CURLoption?

    init(handle: UnsafeMutableRawPointer) {
        self.handle = handle
    }

    mutating func apply(settings: TransferSettings) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_NETRC, 0)
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_PROXY_SSL_VERIFYPEER, 1)
        set(CURLOPT_PROXY_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = settings.certificateFile {
            set(CURLOPT_CAINFO, file)
            set(CURLOPT_PROXY_CAINFO, file)
            // With a directory beside the file, libcurl would not keep the parsed certificates.
            set(CURLOPT_CAPATH, nil)
            set(CURLOPT_PROXY_CAPATH, nil)
        }
        // Only an engine that may connect to any address can have a proxy. For the others this rules one out once more.
        set(CURLOPT_NOPROXY, settings.peerAddresses == .any ? "" : "*")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        set(CURLOPT_USERAGENT, "switchboard")
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, 30)
        set(CURLOPT_TCP_KEEPINTVL, 10)
        set(CURLOPT_MAXAGE_CONN, settings.idleLifetime.wholeSeconds)
        set(CURLOPT_MAXLIFETIME_CONN, settings.connectionLifetime.wholeSeconds)
        // An answer without progress for half a minute is dead, whatever the time limit of the request.
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, 30)
        // Without it, a timed-out transfer waits on this thread for its name resolution to come back.
        set(CURLOPT_QUICK_EXIT, 1)
    }

    mutating func apply(request: WireRequest, settings: TransferSettings) {
        set(CURLOPT_PROTOCOLS_STR, request.url.isPlain ? "http" : "https")
        set(CURLOPT_URL, request.url.text)
        set(
            CURLOPT_HTTP_VERSION,
            Int(request.url.isPlain ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS)
        )
        set(CURLOPT_PROXY, request.url.isPlain && !settings.proxyIsLoopback ? "" : settings.proxy)
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
        set(CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds)
        if let body = request.body {
            set(CURLOPT_POST, 1)
            set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
            // Copied by libcurl. An empty array may have no address, and no address would mean "read it by callback".
            (body.isEmpty ? [0] : body).withUnsafeBytes { bytes in
                note(ccurl_setopt_pointer(handle, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress), CURLOPT_COPYPOSTFIELDS)
            }
            if request.method != "POST" { set(CURLOPT_CUSTOMREQUEST, request.method) }
        } else if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else {
            set(CURLOPT_HTTPGET, 1)
            if request.method != "GET" { set(CURLOPT_CUSTOMREQUEST, request.method) }
        }
        // Takes from libcurl 7.88 one of its two reasons to send a request again, that a reused connection died without an
        // answer: what is left is that the stream was refused, which proves that nothing was done. The option has no other
        // effect on HTTP. Where it had none at all, the second pass would be refused as it lacks that proof.
        if !request.isIdempotent { _ = ccurl_setopt_long(handle, CURLOPT_RTSP_REQUEST, Int(CURL_RTSPREQ_RECEIVE)) }
        // A HEAD answer names the size of a body that does not follow.
        if request.method != "HEAD" { set(CURLOPT_MAXFILESIZE_LARGE, offset: request.maximumAnswerBytes) }
    }

    /// SAFETY: the pointers are not retained. The loop keeps `transfer` alive for as long as the handle is in use, and
    /// `connections` for as long as the multi handle.
    mutating func setCallbacks(for transfer: Transfer, connections: WatchedConnections) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        set(CURLOPT_PRIVATE, pointer: context)

        note(ccurl_setopt_prereq(handle, CURLOPT_PREREQFUNCTION, TransferCallbacks.prerequest), CURLOPT_PREREQFUNCTION)
        set(CURLOPT_PREREQDATA, pointer: context)
        note(ccurl_setopt_write(handle, CURLOPT_HEADERFUNCTION, TransferCallbacks.header), CURLOPT_HEADERFUNCTION)
        set(CURLOPT_HEADERDATA, pointer: context)
        note(ccurl_setopt_write(handle, CURLOPT_WRITEFUNCTION, TransferCallbacks.body), CURLOPT_WRITEFUNCTION)
        set(CURLOPT_WRITEDATA, pointer: context)
        note(
            ccurl_setopt_opensocket(handle, CURLOPT_OPENSOCKETFUNCTION, TransferCallbacks.openSocket),
            CURLOPT_OPENSOCKETFUNCTION
        )
        set(CURLOPT_OPENSOCKETDATA, pointer: context)
        note(
            ccurl_setopt_closesocket(handle, CURLOPT_CLOSESOCKETFUNCTION, TransferCallbacks.closeSocket),
            CURLOPT_CLOSESOCKETFUNCTION
        )
        set(CURLOPT_CLOSESOCKETDATA, pointer: Unmanaged.passUnretained(connections).toOpaque())
        // The trace is the only place where libcurl tells what the peer said of the connection's end.
        note(ccurl_setopt_debug(handle, CURLOPT_DEBUGFUNCTION, TransferCallbacks.debug), CURLOPT_DEBUGFUNCTION)
        set(CURLOPT_DEBUGDATA, pointer: context)
        set(CURLOPT_VERBOSE, 1)
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(ccurl_setopt_long(handle, option, value), option)
    }

    mutating func set(_ option: CURLoption, offset value: Int) {
        note(ccurl_setopt_off(handle, option, curl_off_t(value)), option)
    }

    mutating func set(_ option: CURLoption, _ value: String?) {
        note(ccurl_setopt_string(handle, option, value), option)
    }

    mutating func set(_ option: CURLoption, list: UnsafeMutablePointer<curl_slist>?) {
        note(ccurl_setopt_slist(handle, option, list), option)
    }

    mutating func set(_ option: CURLoption, pointer: UnsafeRawPointer) {
        note(ccurl_setopt_pointer(handle, option, pointer), option)
    }

    private mutating func note(_ code: CURLcode, _ option: CURLoption) {
        if code != CURLE_OK, refused == nil { refused = option }
    }
}

extension Duration {
    /// At least 1, because 0 means "for ever" to libcurl.
    var wholeMilliseconds: Int {
        let parts = components
        let limit = Int64(Int32.max)
        guard parts.seconds < limit / 1000 else { return Int(limit) }
        return Int(max(1, parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000))
    }

    /// At least 1.
    var wholeSeconds: Int { Int(max(1, min(components.seconds, Int64(Int32.max)))) }
}
