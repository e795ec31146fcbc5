import NIOHTTP1

extension HTTPResponseHead {
    /// Says how this answer ends, as the encoder would, but right for HEAD too: the encoder would announce chunks and
    /// end them, and the client would read that end as the beginning of the next answer.
    mutating func setFraming(method: HTTPMethod, requestVersion: HTTPVersion, isLast: Bool) {
        if isLast { headers.replaceOrAdd(name: "connection", value: "close") }
        guard status.mayHaveResponseBody else {
            headers.remove(name: "content-length")
            headers.remove(name: "transfer-encoding")
            return
        }
        if method == .HEAD || headers.contains(name: "content-length") || requestVersion == .http1_0 {
            headers.remove(name: "transfer-encoding")
        } else {
            headers.replaceOrAdd(name: "transfer-encoding", value: "chunked")
        }
    }
}
