import CallDomain

/// Lets a test write a vendor's `null` as `nil`. Not in the domain: there a `nil` would silently become `null`.
extension JSONValue: ExpressibleByNilLiteral {
    init(nilLiteral: ()) { self = .null }
}
