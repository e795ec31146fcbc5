"""How fast creates reached Twilio."""


def most_in_a_second(creates):
    """The most creates that any second holds, as Twilio sees it."""
    times = sorted(create.at for create in creates)
    return max(sum(1 for other in times if start <= other < start + 1.0) for start in times)


def rate(creates):
    """Creates a second, from the first to the last of them."""
    times = sorted(create.at for create in creates)
    return (len(times) - 1) / (times[-1] - times[0])
