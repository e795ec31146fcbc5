/// Twilio or Ultravox.
package enum Vendor: String, Sendable {
    case twilio
    case ultravox
}

/// A vendor's "no", in its own words.
package struct VendorRefusal: Error, Sendable, Equatable {
    package var vendor: Vendor
    /// HTTP status.
    package var status: Int
    /// Twilio's error code, such as 21211.
    package var code: Int?
    package var message: String
    /// Twilio's page on the error.
    package var moreInfo: String?

    package init(vendor: Vendor, status: Int, code: Int? = nil, message: String, moreInfo: String? = nil) {
        self.vendor = vendor
        self.status = status
        self.code = code
        self.message = message
        self.moreInfo = moreInfo
    }
}

/// Why a request to a vendor brought nothing, by what it means for whoever asked.
package enum VendorFailure: Error, Sendable, Equatable {
    /// The vendor certainly has not seen the request.
    case notSent(Vendor, reason: String)
    /// The vendor answered that it did nothing: a 4xx other than 429.
    case refused(VendorRefusal)
    /// 429: the vendor did nothing and asks to wait.
    case throttled(VendorRefusal, retryAfter: Duration?)
    /// No answer, a broken one, or 5xx: the vendor may have acted.
    case unclear(Vendor, status: Int?, reason: String)
    /// An answer that makes no sense, such as a redirect or a 201 without an id: the vendor may have acted.
    case nonsense(Vendor, status: Int, reason: String)

    package var vendor: Vendor {
        switch self {
        case .notSent(let vendor, _), .unclear(let vendor, _, _), .nonsense(let vendor, _, _): vendor
        case .refused(let refusal), .throttled(let refusal, _): refusal.vendor
        }
    }

    /// In one line, for logs and timelines; holds nothing of the vendor's raw answer but its message.
    package var reason: String {
        switch self {
        case .notSent(_, let reason), .unclear(_, _, let reason), .nonsense(_, _, let reason): reason
        case .refused(let refusal), .throttled(let refusal, _): refusal.message
        }
    }
}
