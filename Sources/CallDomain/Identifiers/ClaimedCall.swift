/// The `call` parameter of a webhook's URL: our id of the call, which both vendors give back to us.
package enum ClaimedCall: Equatable {
    case none
    case id(CallID)
    /// Not one of our ids, or more than one.
    case malformed

    /// - Parameter query: the raw query of the request target, without its `?`.
    package init(query: some StringProtocol) {
        let values = query.split(separator: "&").filter { $0 == "call" || $0.hasPrefix("call=") }
        guard let value = values.first else {
            self = .none
            return
        }
        // Our ids contain no character that needs escaping.
        guard values.count == 1, let id = CallID(String(value.dropFirst(5))) else {
            self = .malformed
            return
        }
        self = .id(id)
    }
}
