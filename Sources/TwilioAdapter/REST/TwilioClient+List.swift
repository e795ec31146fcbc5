package import CallDomain

/// Which calls a list shows.
/// - SeeAlso: https://www.twilio.com/docs/voice/api/call-resource#read-multiple-call-resources
package struct TwilioCallFilter: Sendable {
    package var to: String?
    package var from: String?
    /// Twilio's own statuses but `initiated`, which only webhooks use.
    package var status: CallStatus?
    /// Inclusive, to the second. A call that is still queued has no start time and is not found by it.
    package var startedAfter: Timestamp?
    /// 1 to 1000.
    package var pageSize: Int

    package init(
        to: String? = nil,
        from: String? = nil,
        status: CallStatus? = nil,
        startedAfter: Timestamp? = nil,
        pageSize: Int = 1000
    ) {
        self.to = to
        self.from = from
        self.status = status
        self.startedAfter = startedAfter
        self.pageSize = pageSize
    }

    fileprivate var query: String {
        var pairs: [(name: String, value: String)] = []
        if let to { pairs.append(("To", to)) }
        if let from { pairs.append(("From", from)) }
        if let status { pairs.append(("Status", status.rawValue)) }
        if let startedAfter { pairs.append(("StartTime>", startedAfter.rfc3339.prefix(19) + "Z")) }
        pairs.append(("PageSize", String(min(max(pageSize, 1), 1000))))
        return FormEncoding.encoded(pairs)
    }
}

/// One page of a list.
package struct TwilioCallPage: Sendable {
    /// Where the next page is.
    package struct Next: Sendable {
        fileprivate let target: String
    }

    package let calls: [TwilioCall]
    /// `nil` of the last page.
    package let next: Next?
}

extension TwilioClient {
    /// `GET …/Calls.json`, the first page. One request, so that the caller keeps its own budget.
    package func calls(_ filter: TwilioCallFilter) async throws(VendorFailure) -> TwilioCallPage {
        try await page("\(callsPath)?\(filter.query)")
    }

    /// The page behind another one: Twilio's `next_page_uri`.
    package func calls(_ next: TwilioCallPage.Next) async throws(VendorFailure) -> TwilioCallPage {
        try await page(next.target)
    }

    private func page(_ target: String) async throws(VendorFailure) -> TwilioCallPage {
        let json = try await send(.list, target)
        guard let calls = json["calls"]?.arrayValue else {
            throw .nonsense(.twilio, status: 200, reason: "Twilio's answer is not a page of calls")
        }
        var next: TwilioCallPage.Next?
        if let uri = json["next_page_uri"] {
            // Our credentials go wherever this leads.
            guard let following = uri.stringValue.flatMap(self.target(ofPage:)), following != target else {
                throw .nonsense(.twilio, status: 200, reason: "Twilio's next page is not one of this account's calls")
            }
            next = TwilioCallPage.Next(target: following)
        }
        return TwilioCallPage(
            calls: calls.compactMap { TwilioCall($0, of: configuration.accountSid) },
            next: next
        )
    }
}
