/// How long something takes, as it was seen of late: rises at once, and falls slowly, so that who plans with it is
/// rather too careful than too hopeful.
struct RecentTime {
    private(set) var value: Duration

    /// `first` is planned with until something was seen.
    init(first: Duration) { value = first }

    mutating func saw(_ time: Duration) {
        let share = time > value ? 2 : 8
        value += (time - value) / share
    }
}
