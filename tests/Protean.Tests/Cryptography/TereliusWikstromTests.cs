using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

/// <summary>What Terelius and Wikstrom's verifier refuses.</summary>
public sealed class TereliusWikstromTests
{
    [Fact]
    [LeavesOut(typeof(TereliusWikstromVerifier), nameof(TereliusWikstromVerifier.Checks))]
    public void Each_check_is_needed()
    {
        using var shuffled = new ShuffleTests.Shuffled(3, 2);
        using var prover = new TereliusWikstromProver(shuffled.Statement, shuffled.Mix, SystemRandom.Instance, OneCore.Instance);
        var proof = prover.Prove();
        var challenges = TereliusWikstromChallenges.Of(shuffled.Statement, proof);
        // With the challenges as they are, each equation is left alone by changing the commitment that only it has.
        TereliusWikstromClaim With(TereliusWikstromProof changed) => new(
            shuffled.Statement, changed, challenges, PermutationGenerators.Of(4, OneCore.Instance), Sums, SystemRandom.Instance);
        EachCheckIsNeeded(TereliusWikstromVerifier.Checks, With(proof),
            ("PRT-CRY-0121", With(proof with { T = Shifted(proof.T, 0) })),
            ("PRT-CRY-0122", With(proof with { T = Shifted(proof.T, 1) })),
            ("PRT-CRY-0123", With(proof with { T = Shifted(proof.T, 2) })),
            ("PRT-CRY-0124", With(proof with { T = Shifted(proof.T, 3) })),
            ("PRT-CRY-0125", With(proof with { T = Shifted(proof.T, 4) })),
            ("PRT-CRY-0126", With(proof with { ChainT = Shifted(proof.ChainT, 0) })),
            ("PRT-CRY-0126", With(proof with { ChainT = Shifted(proof.ChainT, 2) })));
        Assert.Equal("PRT-CRY-0126", TereliusWikstromVerifier.Refusal(With(proof with { ChainT = Shifted(proof.ChainT, 1) })));
    }

    // N02: outputs changed after the challenges so that every equation still holds.
    [Fact]
    public void Outputs_solved_for_after_the_challenges_are_refused()
    {
        using var shuffled = new ShuffleTests.Shuffled(3, 1);
        using var prover = new TereliusWikstromProver(shuffled.Statement, shuffled.Mix, SystemRandom.Instance, OneCore.Instance);
        var proof = prover.Prove();
        var challenges = TereliusWikstromChallenges.Of(shuffled.Statement, proof);
        var swapped = ShuffleTests.Changed(shuffled.Statement.Outputs, 0, Point.Identity, proof.PermutedS[1] * Point.Base);
        swapped = ShuffleTests.Changed(swapped, 1, Point.Identity, -proof.PermutedS[0] * Point.Base);
        var lie = shuffled.Statement with { Outputs = swapped };
        Assert.Null(TereliusWikstromVerifier.Refusal(new TereliusWikstromClaim(
            lie, proof, challenges, PermutationGenerators.Of(4, OneCore.Instance), Sums, SystemRandom.Instance)));
        Assert.NotNull(ShuffleProtocol.TereliusWikstrom.Refusal(lie, proof.Encode(), SystemRandom.Instance, OneCore.Instance));
    }

    // N08: nobody chooses a generator; each follows from its number.
    [Fact]
    public void Generators_do_not_depend_on_how_many_were_asked_for_before()
    {
        var many = PermutationGenerators.Of(40, new ManyThreads()).Span.ToArray();
        var few = PermutationGenerators.Of(7, OneCore.Instance).Span.ToArray();
        var more = PermutationGenerators.Of(60, OneCore.Instance).Span.ToArray();
        Assert.Equal(many[..7], few);
        Assert.Equal(many, more[..40]);
        Assert.Equal(60, more.Distinct().Count());
    }

    private static PointList Shifted(PointList points, int index)
    {
        var copy = points.Span.ToArray();
        copy[index] += Point.Base;
        return new PointList(copy);
    }
}
