using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Tests.Units;
using Protean.Units.Randomness;
using Xunit;

namespace Protean.Tests.Randomness;

public sealed class RandomnessUnitTests
{
    private static readonly NamedValue[] About = [new("about", Bytes.Of("tickets"))];

    [Fact]
    public void A_draw_before_the_key_is_there_is_refused_and_may_be_asked_for_again()
    {
        var unit = new TestUnit(new TestNetwork(), new RandomnessUnit());
        var refused = Assert.IsType<Outcome.Refused>(unit.Direct("draw", TestNetwork.Key(1).PublicKey, About));
        Assert.Equal("PRT-RND-0101", refused.Refusal.Code);
        Assert.True(refused.Refusal.Retry);
    }

    [Fact]
    public void A_draw_is_pending_until_members_have_found_it_together()
    {
        var keys = RandomnessTests.KeysOf(members: 4, seed: 3);
        var unit = new TestUnit(new TestNetwork(), new RandomnessUnit());
        unit.Keys.Add(RandomnessUnit.KeyPurpose, keys[0]);
        var pending = Assert.IsType<Outcome.Pending>(unit.Direct("draw", TestNetwork.Key(1).PublicKey, About));
        var (replayKey, inputs) = (Hash.H("test/replay", []), Hash.H("test/inputs", []));
        var result = unit.Pending["draw"](new PendingResult(replayKey, inputs, "draw", pending.About, unit.State));
        Assert.Equal((1, 3), result.Progress);
        foreach (var other in keys[1..3])
            Assert.True(result.Accept(other.Self, Draws.OfRequest(other, replayKey, inputs, unit.Random).OwnShare!.Value));
        Assert.Equal(["value"], result.Result!.Values.Select(output => output.Name));
        Assert.Equal(Digest.Zero, unit.State.Root);
    }
}
