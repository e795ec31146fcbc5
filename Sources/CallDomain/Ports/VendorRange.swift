extension ClosedRange {
    /// `value`, if it lies within the range: what a vendor sends out of range counts as absent.
    package func only(_ value: Bound?) -> Bound? { value.flatMap { contains($0) ? $0 : nil } }
}

extension ClosedRange<Timestamp> {
    /// The times that a vendor can mean and RFC 3339 can show: 1970 to 9999.
    package static var plausible: ClosedRange<Timestamp> {
        Timestamp(milliseconds: 0)...Timestamp(milliseconds: 253_402_300_799_999)
    }
}
