using System.Text.Json;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

/// <summary>What Neff's verifier refuses, and the ways that are known to forge such proofs.</summary>
public sealed class NeffTests
{
    [Fact]
    [LeavesOut(typeof(NeffVerifier), nameof(NeffVerifier.Checks))]
    public void Each_check_is_needed()
    {
        using var shuffled = new ShuffleTests.Shuffled(3, 2);
        NeffClaim With(Func<NeffProof, NeffProof> deed, Func<NeffCommitments, NeffCommitments>? first = null)
        {
            var claim = Simulated(shuffled.Statement, first ?? (static commitments => commitments));
            return new NeffClaim(claim.Statement, deed(claim.Proof), claim.Challenges, Sums, SystemRandom.Instance);
        }
        static NeffProof Same(NeffProof proof) => proof;
        EachCheckIsNeeded(NeffVerifier.Checks, With(Same),
            ("PRT-CRY-0111", With(Same, static c => c with { Gamma = Point.Identity })),
            ("PRT-CRY-0112", With(Same, static c => c with { A = Replaced(c.A, 1, Point.Identity) })),
            ("PRT-CRY-0113", With(Same, static c => c with { A = Replaced(c.A, 2, c.A[0]) })),
            ("PRT-CRY-0114", With(static p => p with { Commitments = p.Commitments with { L1 = p.Commitments.L1 + Point.Base } })),
            ("PRT-CRY-0115", With(static p => p with { Commitments = p.Commitments with { L2 = p.Commitments.L2 + Point.Base } })),
            ("PRT-CRY-0116", With(static p => p with { Commitments = p.Commitments with { W = Shifted(p.Commitments.W, 1) } })),
            ("PRT-CRY-0117", With(static p => p with { Theta = Shifted(p.Theta, 0) })),
            ("PRT-CRY-0117", With(static p => p with { Theta = Shifted(p.Theta, 2) })),
            ("PRT-CRY-0118", With(static p => p with { Theta = Shifted(p.Theta, 3) })),
            ("PRT-CRY-0118", With(static p => p with { Theta = Shifted(p.Theta, 4) })),
            ("PRT-CRY-0119", With(static p => p with { Theta = Shifted(p.Theta, 5) })));
    }

    [Fact]
    public void The_folded_sum_and_the_single_checks_agree()
    {
        using var shuffled = new ShuffleTests.Shuffled(3, 1);
        var claim = Simulated(shuffled.Statement, static commitments => commitments);
        Assert.Null(NeffVerifier.Refusal(claim));
        var lie = claim.Proof with { Theta = Shifted(claim.Proof.Theta, 4) };
        Assert.Equal("PRT-CRY-0118", NeffVerifier.Refusal(new NeffClaim(claim.Statement, lie, claim.Challenges, Sums, SystemRandom.Instance)));
    }

    // Errors of two equations that cancel when all have one weight: the weights are the verifier's own.
    [Fact]
    public void Errors_do_not_cancel()
    {
        using var shuffled = new ShuffleTests.Shuffled(2, 1);
        var claim = Simulated(shuffled.Statement, static commitments => commitments);
        var theta = claim.Proof.Theta.Span.ToArray();
        (theta[0], theta[1]) = (theta[0] + Point.Base, theta[1] - Point.Base);
        var lie = claim.Proof with { Theta = new PointList(theta) };
        Assert.Equal("PRT-CRY-0117", NeffVerifier.Refusal(new NeffClaim(claim.Statement, lie, claim.Challenges, Sums, SystemRandom.Instance)));
    }

    // N02, protocols 7.6 (1): outputs changed after the challenges so that every equation still holds. Only the transcript can tell.
    [Fact]
    public void Outputs_solved_for_after_the_challenges_are_refused()
    {
        using var shuffled = new ShuffleTests.Shuffled(3, 1);
        using var prover = new NeffProver(shuffled.Statement, shuffled.Mix, SystemRandom.Instance, OneCore.Instance);
        var proof = prover.Prove()!;
        var challenges = NeffChallenges.Of(shuffled.Statement, proof);
        var swapped = ShuffleTests.Changed(shuffled.Statement.Outputs, 0, Point.Identity, proof.Sigma[1] * Point.Base);
        swapped = ShuffleTests.Changed(swapped, 1, Point.Identity, -proof.Sigma[0] * Point.Base);
        var lie = shuffled.Statement with { Outputs = swapped };
        Assert.Null(NeffVerifier.Refusal(new NeffClaim(lie, proof, challenges, Sums, SystemRandom.Instance)));
        Assert.NotNull(ShuffleProtocol.Neff.Refusal(lie, proof.Encode(), SystemRandom.Instance, OneCore.Instance));
    }

    // N01, protocols 7.6 (2): a simple shuffle of the prover's choice beside (a), (b) and (c), which any linear map satisfies. A plaintext is
    // multiplied by 1000; only what ties the simple shuffle to the rest can tell.
    [Fact]
    public void A_plaintext_that_the_mixer_multiplied_is_refused()
    {
        var mixer = new OpenMixer(3) { Factors = [Scalar.FromInteger(1000), Scalar.One, Scalar.One] };
        var claim = mixer.Prove();
        Assert.Equal("PRT-CRY-0117", NeffVerifier.Refusal(claim));
        Assert.Null(NeffVerifier.Checks.Refusal(claim, except: "PRT-CRY-0117"));
        Assert.Null(NeffVerifier.Refusal(new OpenMixer(3).Prove()));
    }

    // N90, protocols 7.2: with equal A_i a mixer who knows openings chooses its permutation after rho, here so that another vote counts. Challenges
    // of 8 bits make the search, at full size one among thousands of rows, short.
    [Fact]
    public void With_equal_commitments_a_mixer_could_add_votes()
    {
        var random = new SeededRandom(5);
        NeffClaim? forged = null;
        while (forged is null) forged = OpenMixer.AddVote(8, random);
        Assert.Equal("PRT-CRY-0113", NeffVerifier.Refusal(forged));
        Assert.Null(NeffVerifier.Checks.Refusal(forged, except: "PRT-CRY-0113"));
    }

    // Their challenges are given, and some records replace inputs of the simple shuffle, which our proof does not have.
    [Fact]
    public void Conversations_of_another_implementation_are_judged_as_they_should_be()
    {
        foreach (var record in Published("neff-kyber/neff-core.json.gz").EnumerateArray())
        {
            var claim = ClaimOf(record);
            Assert.True(record.GetProperty("expect").GetBoolean() == (HasItsOwnInputs(record, claim) && NeffVerifier.Refusal(claim) is null),
                record.GetProperty("note").GetString());
        }
        Assert.All(Published("neff-kyber/neff-statement-swap.json.gz").EnumerateArray(),
            static record => Assert.Null(NeffVerifier.Refusal(ClaimOf(record))));
    }

    /// <summary>A conversation in which all equations hold because commitments were solved for after the challenges.</summary>
    private static NeffClaim Simulated(ShuffleStatement statement, Func<NeffCommitments, NeffCommitments> first)
    {
        var rows = statement.Inputs.Rows;
        Scalar One() => Scalar.Random(SystemRandom.Instance);
        Scalar[] Many(int count) => [.. Enumerable.Range(0, count).Select(_ => One())];
        PointList Points() => new([.. Many(rows).Select(Point.MultiplyBase)]);
        var commitments = first(new NeffCommitments(Point.MultiplyBase(One()), Points(), Points(), Points(), Points(), default, default));
        var challenges = new NeffChallenges(Many(statement.Inputs.Width), Many(rows), One(), One(), One());
        return Solve(statement, new NeffProof(commitments, Points(), Many(rows), One(), new PointList(), Many(2 * rows - 1)), challenges);
    }

    private static NeffClaim Solve(ShuffleStatement statement, NeffProof proof, NeffChallenges challenges)
    {
        var (rows, width, e) = (statement.Inputs.Rows, statement.Inputs.Width, challenges.E);
        var (c, (gamma, a, ofC, u, _, _, _)) = (challenges.C, proof.Commitments);
        Point Rows(PointList inputs, PointList outputs) => Enumerable.Range(0, rows * width).Aggregate(Point.Identity, (sum, i) =>
            sum + e[i % width] * (proof.Sigma[i / width] * outputs[i] - challenges.Rho[i / width] * inputs[i]));
        Point R(int i) => a[i] + challenges.Lambda * (Point.MultiplyBase(challenges.Rho[i]) - u[i]) - Point.MultiplyBase(challenges.T);
        Point S(int i) => ofC[i] + challenges.Lambda * proof.D[i] - challenges.T * gamma;
        Point Theta(int i) => (i == 0 ? c : proof.Alpha[i - 1]) * (i < rows ? R(i) : gamma)
            - (i == 2 * rows - 1 ? c : proof.Alpha[i]) * (i < rows ? S(i) : Point.Base);
        var solved = proof with
        {
            Commitments = proof.Commitments with
            {
                W = new PointList([.. Enumerable.Range(0, rows).Select(i => proof.Sigma[i] * gamma - proof.D[i])]),
                L1 = Rows(statement.Inputs.X, statement.Outputs.X) - Point.MultiplyBase(proof.Tau),
                L2 = Rows(statement.Inputs.Y, statement.Outputs.Y) - proof.Tau * statement.Key,
            },
            Theta = new PointList([.. Enumerable.Range(0, 2 * rows).Select(Theta)]),
        };
        return new NeffClaim(statement, solved, challenges, Sums, SystemRandom.Instance);
    }

    private static NeffClaim ClaimOf(JsonElement record)
    {
        Point One(string name) => Point.FromHex(record.GetProperty(name).GetString()!);
        PointList Points(string name) => new([.. record.GetProperty(name).EnumerateArray().Select(one => Point.FromHex(one.GetString()!))]);
        Scalar Number(string name) => Decode(record.GetProperty(name).GetString()!);
        Scalar[] Numbers(string name) => [.. record.GetProperty(name).EnumerateArray().Select(one => Decode(one.GetString()!))];
        var statement = new ShuffleStatement(
            default, One("h"), new Ciphertexts(1, Points("x"), Points("y")), new Ciphertexts(1, Points("xbar"), Points("ybar")));
        var commitments = new NeffCommitments(One("gamma"), Points("a"), Points("c"), Points("u"), Points("w"), One("lambda1"), One("lambda2"));
        var proof = new NeffProof(commitments, Points("d"), Numbers("sigma"), Number("tau"), Points("simple_theta"), Numbers("simple_alpha"));
        var challenges = new NeffChallenges([Scalar.One], Numbers("rho"), Number("lambda"), Number("simple_t"), Number("simple_c"));
        return new NeffClaim(statement, proof, challenges, Sums, SystemRandom.Instance);
    }

    private static bool HasItsOwnInputs(JsonElement record, NeffClaim claim)
    {
        var (c, rho, lambda) = (claim.Proof.Commitments, claim.Challenges.Rho, claim.Challenges.Lambda);
        var (x, y) = (record.GetProperty("simple_x"), record.GetProperty("simple_y"));
        return Enumerable.Range(0, rho.Length).All(i => x[i].GetString() == $"{c.A[i] + lambda * (Point.MultiplyBase(rho[i]) - c.U[i])}"
            && y[i].GetString() == $"{c.C[i] + lambda * claim.Proof.D[i]}");
    }

    private static PointList Shifted(PointList points, int index) => Replaced(points, index, points[index] + Point.Base);

    private static PointList Replaced(PointList points, int index, Point by)
    {
        var copy = points.Span.ToArray();
        copy[index] = by;
        return new PointList(copy);
    }
}
