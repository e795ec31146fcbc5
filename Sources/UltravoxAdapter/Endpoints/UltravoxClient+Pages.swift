import CallDomain
import HTTPTypes
import OutboundHTTP

extension UltravoxClient {
    /// The largest page that is known to be taken; the true limit is not documented.
    static let maximumPageSize = 100
    private static let maximumCursor = 1000

    /// A part of a list.
    struct Page {
        let results: [JSONValue]
        /// Of the next part; `nil` if this is the last.
        let nextCursor: String?
        /// Which came with it.
        let answer: OutboundResponse
    }

    /// Reads one page of a list.
    ///
    /// If the answer is larger than we take, smaller pages are tried: a single agent may have a prompt of any length.
    /// Ultravox names the next page by a URL; only the cursor in it is used, so that our key never goes elsewhere.
    func page(
        _ path: String,
        query: [(name: String, value: String)],
        size: Int,
        cursor: String?,
        endpoint: String
    ) async throws(VendorFailure) -> Page {
        var size = min(max(size, 1), Self.maximumPageSize)
        while true {
            var query = query
            query.append(("pageSize", String(size)))
            if let cursor { query.append(("cursor", cursor)) }
            let outcome = await send(.get, path, query: query, endpoint: endpoint)
            if case .failure(let error) = outcome, error.cause == .answerTooLarge, size > 1 {
                size = max(1, size / 4)
                continue
            }
            let answer = try success(outcome)
            let page = try object(in: answer)
            guard let results = page["results"]?.arrayValue else { throw nonsense(answer, "a page without results") }
            return Page(results: results, nextCursor: try nextCursor(of: page, answer), answer: answer)
        }
    }

    private func nextCursor(of page: JSONValue, _ answer: OutboundResponse) throws(VendorFailure) -> String? {
        guard let next = page["next"] else { return nil }
        // Some answers have an empty text in place of null.
        if next == .string("") { return nil }
        guard let url = next.stringValue, let cursor = QueryText.value(of: "cursor", in: url),
            (1...Self.maximumCursor).contains(cursor.utf8.count)
        else { throw nonsense(answer, "a next page without a cursor") }
        return cursor
    }
}
