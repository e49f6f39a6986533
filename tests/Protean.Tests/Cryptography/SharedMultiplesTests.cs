using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

public sealed class SharedMultiplesTests : IDisposable
{
    private const int Members = 5, Threshold = 3;

    private static readonly Point[] Inputs = [.. Enumerable.Range(1, 4).Select(i => HashToGroup.H2G("test", [(byte)i]))];

    private readonly SharingFixture _sharing = new(Members, Threshold);

    public void Dispose() => _sharing.Dispose();

    [Fact]
    [LeavesOut(typeof(SharedMultiples), nameof(SharedMultiples.ShareChecks))]
    public void Many_multiples_are_proven_at_once_for_one_key_epoch_and_set()
    {
        var multiples = Multiples(9, Inputs);
        var shares = multiples.Prove(2, _sharing.Secrets[1], SystemRandom.Instance);
        EachCheckIsNeeded(SharedMultiples.ShareChecks, (multiples, shares),
            ("PRT-CRY-0053", (multiples, shares with { Index = 0 })),
            ("PRT-CRY-0053", (multiples, shares with { Index = Members + 1 })),
            ("PRT-CRY-0054", (multiples, shares with { Index = 3 })),
            ("PRT-CRY-0054", (Multiples(8, Inputs), shares)),
            ("PRT-CRY-0054", (Multiples(9, Inputs[..3]), shares)),
            ("PRT-CRY-0054", (Multiples(9, [.. Inputs.Reverse()]), shares)),
            ("PRT-CRY-0054", (Multiples(9, Inputs, name: 1), shares)));
        Assert.True(ProvenShares.TryDecode(shares.Encode(), Inputs.Length, out var decoded));
        Assert.Null(multiples.Refusal(decoded));
        Assert.False(ProvenShares.TryDecode(shares.Encode(), Inputs.Length - 1, out _));
    }

    [Fact]
    public void Any_t_members_give_the_same_multiples()
    {
        var multiples = Multiples(9, Inputs);
        var shares = Enumerable.Range(1, Members).Select(i => multiples.Prove((ushort)i, _sharing.Secrets[i - 1], SystemRandom.Instance)).ToArray();
        Assert.Equal(Inputs.Select(_sharing.Whole.Multiply), multiples.Combine(shares[..Threshold]));
        Assert.Equal(Inputs.Select(_sharing.Whole.Multiply), multiples.Combine([shares[4], shares[1], shares[3]]));
        Assert.Throws<ArgumentOutOfRangeException>(() => multiples.Combine(shares[..(Threshold - 1)]));
    }

    private SharedMultiples Multiples(ulong epoch, Point[] points, byte name = 0) => new(
        "reveal", Hash.Sha256("key"u8), epoch, [.. points.Select((_, i) => new byte[] { name, (byte)i })], points, _sharing.Key, Sums);
}
