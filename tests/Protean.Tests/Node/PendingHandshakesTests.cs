using System.Net;
using Protean.Node.Transport;
using Xunit;

namespace Protean.Tests.Node;

public sealed class PendingHandshakesTests
{
    private static readonly IPAddress Peer = IPAddress.Parse("192.0.2.1");

    private readonly Clock _clock = new();
    private readonly PendingHandshakes _pending;

    public PendingHandshakesTests() => _pending = new PendingHandshakes([Peer], _clock);

    [Fact]
    public void Strangers_from_everywhere_do_not_keep_a_peer_out()
    {
        var entered = 0;
        for (; _clock.Seconds < 60; _clock.Seconds++)
            for (var i = 0; i < 1_000; i++)
                if (_pending.TryEnter(Stranger((_clock.Seconds * 1_000) + i))) entered++;
        Assert.Equal(Limits.MaxPendingHandshakes, entered);
        Assert.True(_pending.TryEnter(Peer));
    }

    [Fact]
    public void Handshakes_with_strangers_are_begun_at_a_bounded_rate_even_if_each_ends_at_once()
    {
        int Begun() => Enumerable.Range(0, 1_000).Count(i =>
        {
            var address = Stranger(i);
            var entered = _pending.TryEnter(address);
            if (entered) _pending.Leave(address, wasPeer: false);
            return entered;
        });
        Assert.Equal(Limits.MaxHandshakesPerSecond, Begun());
        Assert.Equal(0, Begun());
        _clock.Seconds++;
        Assert.Equal(Limits.MaxHandshakesPerSecond, Begun());
    }

    [Fact]
    public void One_address_holds_a_bounded_number_even_where_a_peer_lives()
    {
        for (var i = 0; i < Limits.MaxPendingHandshakesPerAddress; i++) Assert.True(_pending.TryEnter(Peer));
        Assert.False(_pending.TryEnter(Peer));
        _pending.Leave(Peer, wasPeer: false);
        Assert.True(_pending.TryEnter(Peer));
    }

    [Fact]
    public void Where_a_peer_was_met_it_is_known_from_then_on()
    {
        var moved = Stranger(0);
        Assert.True(_pending.TryEnter(moved));
        Assert.True(_pending.TryEnter(moved));
        _pending.Leave(moved, wasPeer: true);
        while (_pending.TryEnter(Stranger(++_clock.Seconds))) { }
        Assert.True(_pending.TryEnter(moved));
        _pending.Leave(moved, wasPeer: false);
        _pending.Leave(moved, wasPeer: false);
        Assert.True(_pending.TryEnter(moved));
    }

    private static IPAddress Stranger(int number) => new([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    private sealed class Clock : TimeProvider
    {
        public int Seconds { get; set; }

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(Seconds + 1);
    }
}
