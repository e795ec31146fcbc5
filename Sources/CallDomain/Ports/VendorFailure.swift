/// Twilio or Ultravox.
package enum Vendor: String, Sendable, CaseIterable {
    case twilio
    case ultravox
}

/// Why a request to a vendor failed, sorted by what the failure means for the caller.
package enum VendorFailure: Error, Sendable, Equatable {
    /// The vendor certainly has not seen the request, or said on the way that it did not process it.
    case notSent(Vendor, reason: String)
    /// Every connection of ours that this kind of work may use was taken: nothing was sent, and nothing is known of the
    /// vendor.
    case noConnection(Vendor)
    /// The vendor itself answered that it did nothing: a 4xx other than 429.
    case refused(VendorRefusal)
    /// 429: the vendor did nothing and asks to wait.
    case throttled(VendorRefusal, retryAfter: Duration?)
    /// No answer, a broken one, 5xx, or a 4xx that is not the vendor's own: the vendor may have acted.
    case unclear(Vendor, status: Int?, reason: String)
    /// An invalid answer, such as a redirect or a 201 without an id: the vendor may have acted.
    case nonsense(Vendor, status: Int, reason: String)

    package var vendor: Vendor {
        switch self {
        case .notSent(let vendor, _), .noConnection(let vendor), .unclear(let vendor, _, _),
            .nonsense(let vendor, _, _):
            vendor
        case .refused(let refusal), .throttled(let refusal, _): refusal.vendor
        }
    }

    /// The HTTP status of the answer, if there was one.
    package var status: Int? {
        switch self {
        case .notSent, .noConnection: nil
        case .refused(let refusal), .throttled(let refusal, _): refusal.status
        case .unclear(_, let status, _): status
        case .nonsense(_, let status, _): status
        }
    }

    /// No byte of the request left this machine.
    package var isUnsent: Bool {
        switch self {
        case .notSent, .noConnection: true
        case .refused, .throttled, .unclear, .nonsense: false
        }
    }

    /// Twilio's error code.
    package var code: Int? {
        switch self {
        case .refused(let refusal), .throttled(let refusal, _): refusal.code
        case .notSent, .noConnection, .unclear, .nonsense: nil
        }
    }

    /// The vendor does not take this gateway's credentials, or its account is suspended or out of money: no request will
    /// do better until that is mended.
    package var isOfThisGateway: Bool {
        if case .refused(let refusal) = self { return refusal.meaning.mistake == .account }
        return false
    }

    /// In one line, for timelines and clients; holds nothing of the vendor's raw answer but its message. Logs take status
    /// and code instead: a message may quote what it was sent.
    package var reason: String {
        switch self {
        case .notSent(_, let reason), .unclear(_, _, let reason), .nonsense(_, _, let reason): reason
        case .noConnection: "every connection of the gateway for this kind of request was in use"
        case .refused(let refusal), .throttled(let refusal, _): refusal.message
        }
    }
}
