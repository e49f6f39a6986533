using CsCheck;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

public sealed class DkgTests : IDisposable
{
    private const int Members = 4;
    private const int Threshold = 3;

    private static readonly Digest Sid = Hash.Sha256("session"u8);
    private static readonly Gen<ushort[]> Orders = Gen.Shuffle(new ushort[] { 1, 2, 3, 4 });
    private static readonly IRandom Random = SystemRandom.Instance;

    private readonly SecretScalar[] _keys = [.. Enumerable.Range(0, Members + 1).Select(_ => SecretScalar.Random(Random))];
    private readonly Scalar[] _draws = [.. Enumerable.Range(0, Threshold + 1).Select(_ => Scalar.Random(Random))];
    private readonly DkgSession _session;
    private readonly Dealing _dealing;

    public DkgTests()
    {
        _session = Session(Sid, Threshold, Members);
        _dealing = Dealing.Deal(_session, 1, new ScriptedRandom(_draws));
    }

    public void Dispose() => Array.ForEach(_keys, key => key.Dispose());

    [Fact]
    public void Members_share_one_key_whichever_dealings_qualify() => Orders.Select(Gen.Int[1, Members]).Sample((order, count) =>
    {
        var qualified = order.Take(count).Select(dealer => Verified(Dealing.Deal(_session, dealer, Random))).ToArray();
        Assert.Null(QualifiedDealings.TryCombine(qualified, out var key));
        var shares = Enumerable.Range(1, Members).Select(j => Share(qualified, key!, (ushort)j)).ToArray();
        for (ushort j = 1; j <= Members; j++) Assert.Equal(key!.PublicShare(j), shares[j - 1].MultiplyBase());
        Assert.Equal(key!.PublicKey, Lagrange.Combine(order.AsSpan(0, Threshold),
            [.. order.Take(Threshold).Select(j => shares[j - 1].MultiplyBase())], Sums));
        Array.ForEach(shares, share => share.Dispose());
    }, iter: 5);

    [Fact]
    public void A_dealing_has_one_encoding()
    {
        var encoded = _dealing.Encode();
        Assert.True(Dealing.TryDecode(encoded, Members, Threshold, out var decoded));
        Assert.Equal(encoded, decoded.Encode());
        Assert.Equal(_dealing.Id(), decoded.Id());
        Assert.False(Dealing.TryDecode([.. encoded, 0], Members, Threshold, out _));
        Assert.False(Dealing.TryDecode(encoded, Members + 1, Threshold, out _));
        Assert.False(Dealing.TryDecode(encoded, Members, Threshold + 1, out _));
    }

    [Fact]
    public void A_dealing_with_any_bit_changed_is_refused() => Assert.All(BitFlips(_dealing.Encode(), stride: 41), bytes =>
        Assert.False(
            Dealing.TryDecode(bytes, Members, Threshold, out var changed) && VerifiedDealing.TryVerify(_session, changed, out _) is null));

    // N06, N25, N97.
    [Fact]
    [LeavesOut(typeof(VerifiedDealing), nameof(VerifiedDealing.Checks))]
    public void Each_check_of_a_dealing_is_needed()
    {
        var zero = Scalar.Zero;
        var one = Scalar.One;
        EachCheckIsNeeded(VerifiedDealing.Checks, (_session, _dealing),
            ("PRT-CRY-0031", (Session(Hash.Sha256("other"u8), Threshold, Members), _dealing)),
            ("PRT-CRY-0032", (_session, Dealing.Deal(_session, Members + 1, Random))),
            ("PRT-CRY-0032", (_session, Dealing.Deal(_session, 0, Random))),
            ("PRT-CRY-0033", (_session, Dealing.Deal(Session(Sid, Threshold + 1, Members), 1, Random))),
            ("PRT-CRY-0033", (_session, Dealing.Deal(Session(Sid, Threshold - 1, Members), 1, Random))),
            ("PRT-CRY-0034", (_session, Dealing.Deal(Session(Sid, Threshold, Members + 1), 1, Random))),
            ("PRT-CRY-0035", (_session, Dealing.Deal(_session, 1, new ScriptedRandom(zero, one, one)))),
            ("PRT-CRY-0035", (_session, Dealing.Deal(_session, 1, new ScriptedRandom(one, one, zero)))),
            ("PRT-CRY-0036", (_session, Dealing.Deal(_session, 1, new ScriptedRandom(one, one, one, zero)))),
            ("PRT-CRY-0037", (_session, _dealing with { Dealer = 2 })),
            ("PRT-CRY-0037", (_session, _dealing with { Proof = default })));
    }

    [Fact]
    public void A_session_with_the_identity_as_encryption_key_is_refused() =>
        Assert.Throws<ArgumentException>(() => new DkgSession(Sid, 1, [Point.Base, Point.Identity]));

    [Fact]
    public void A_good_share_opens_and_is_nothing_to_complain_about()
    {
        var verified = Verified(_dealing);
        for (ushort j = 1; j <= Members; j++)
        {
            Assert.True(verified.TryOpen(j, _keys[j - 1], Random, out var share, out var complaint));
            Assert.Null(complaint);
            Assert.Equal(verified.Polynomial.Evaluate(j), share.MultiplyBase());
            share.Dispose();
        }
    }

    [Fact]
    public void A_share_opens_with_the_recipients_key_only() =>
        Assert.Throws<ArgumentException>(() => Verified(_dealing).TryOpen(1, _keys[1], Random, out _, out _));

    // N24.
    [Fact]
    public void A_bad_share_convicts_its_dealer()
    {
        var verified = Verified(WithBadShare(recipient: 2));
        Assert.False(verified.TryOpen(2, _keys[1], Random, out var share, out var complaint));
        Assert.Null(share);
        Assert.Equal(ComplaintVerdict.DealerGuilty, verified.Judge(complaint));
        Assert.True(verified.TryOpen(3, _keys[2], Random, out share, out _));
        share.Dispose();
    }

    [Fact]
    public void A_complaint_about_a_good_share_convicts_its_author()
    {
        var verified = Verified(_dealing);
        Assert.Equal(ComplaintVerdict.ComplainerGuilty, verified.Judge(verified.Accuse(2, _keys[1], Random)));
    }

    [Fact]
    public void A_complaint_with_a_made_up_key_convicts_nobody()
    {
        var verified = Verified(_dealing);
        var complaint = verified.Accuse(2, _keys[1], Random);
        Assert.Equal(ComplaintVerdict.Ignored, verified.Judge(complaint with { SharedKey = complaint.SharedKey + Point.Base }));
        Assert.Equal(ComplaintVerdict.Ignored, verified.Judge(complaint with { Complainer = 3 }));
    }

    // N92: the log counts one dealing, the victim was given another with the same R.
    [Fact]
    public void An_honest_complaint_about_another_dealing_does_not_convict_the_complainer()
    {
        var counted = Verified(_dealing);
        var kept = Verified(WithBadShare(recipient: 2));
        Assert.False(kept.TryOpen(2, _keys[1], Random, out _, out var complaint));
        Assert.Equal("PRT-CRY-0042", counted.Refusal(complaint));
        Assert.Equal(ComplaintVerdict.Ignored, counted.Judge(complaint));
    }

    // N93: the copied R with garbage for the victim, whose complaint would unmask the honest share. No proof, no VerifiedDealing, no
    // complaint.
    [Fact]
    public void A_dealing_that_copies_the_R_of_another_cannot_be_complained_about()
    {
        var own = Dealing.Deal(_session, 2, Random);
        var copy = own with { R = _dealing.R };
        Assert.Equal("PRT-CRY-0037", VerifiedDealing.TryVerify(_session, copy, out var verified));
        Assert.Null(verified);
    }

    [Fact]
    [LeavesOut(typeof(VerifiedDealing), nameof(VerifiedDealing.ComplaintChecks))]
    public void Each_check_of_a_complaint_is_needed()
    {
        var verified = Verified(WithBadShare(recipient: 2));
        Assert.False(verified.TryOpen(2, _keys[1], Random, out _, out var complaint));
        EachCheckIsNeeded(VerifiedDealing.ComplaintChecks, (verified, complaint),
            ("PRT-CRY-0041", (verified, Proven(complaint with { Sid = Digest.Zero }))),
            ("PRT-CRY-0042", (verified, Proven(complaint with { DealingId = Digest.Zero }))),
            ("PRT-CRY-0043", (verified, Proven(complaint with { Dealer = 3 }))),
            ("PRT-CRY-0044", (verified, complaint with { Complainer = Members + 1 })),
            ("PRT-CRY-0044", (verified, complaint with { Complainer = 0 })),
            ("PRT-CRY-0045", (verified, complaint with { Proof = default })));

        Complaint Proven(Complaint changed) => changed with
        {
            Proof = Dleq.Prove(new DleqStatement(Complaint.ProofDomain, changed.ProofContext(), Point.Base, _keys[1].MultiplyBase(),
                verified.Dealing.R, changed.SharedKey), _keys[1], Random),
        };
    }

    [Fact]
    public void A_complaint_has_one_encoding()
    {
        var complaint = Verified(_dealing).Accuse(2, _keys[1], Random);
        Assert.True(Complaint.TryDecode(complaint.Encode(), out var decoded));
        Assert.Equal(complaint, decoded);
        Assert.Equal(Complaint.Size, complaint.Encode().Length);
        Assert.False(Complaint.TryDecode([.. complaint.Encode(), 0], out _));
    }

    [Fact]
    public void Dealings_of_two_sessions_or_of_one_dealer_twice_do_not_combine()
    {
        var other = Session(Hash.Sha256("other"u8), Threshold, Members);
        Assert.Null(VerifiedDealing.TryVerify(other, Dealing.Deal(other, 2, Random), out var foreign));
        Assert.Throws<ArgumentException>(() => QualifiedDealings.TryCombine([Verified(_dealing), foreign!], out _));
        Assert.Throws<ArgumentException>(() => QualifiedDealings.TryCombine([Verified(_dealing), Verified(_dealing)], out _));
    }

    [Fact]
    public void Shares_of_other_dealings_than_the_keys_are_refused()
    {
        var one = Verified(_dealing);
        Assert.Null(QualifiedDealings.TryCombine([one, Verified(Dealing.Deal(_session, 2, Random))], out var key));
        Assert.True(one.TryOpen(1, _keys[0], Random, out var share, out _));
        Assert.Throws<ArgumentException>(() => QualifiedDealings.CombineShares([share], key!, 1));
        share.Dispose();
    }

    [Fact]
    public void The_session_id_binds_every_field()
    {
        var purpose = new DkgPurpose(Digest.Zero, Digest.Zero, 1, "fresh", Digest.Zero, 0, Digest.Zero, Digest.Zero, 4, 3, 0);
        var one = Hash.Sha256("one"u8);
        DkgPurpose[] others =
        [
            purpose with { ChainId = one }, purpose with { UnitId = one }, purpose with { TargetEpoch = 2 },
            purpose with { Purpose = "reshare" }, purpose with { KeyId = one }, purpose with { SourceEpoch = 1 },
            purpose with { SourceCommitteeHash = one }, purpose with { CommitteeHash = one },
            purpose with { Members = 5 }, purpose with { Threshold = 2 }, purpose with { Attempt = 1 },
        ];
        Assert.Equal(others.Length + 1, others.Append(purpose).Select(of => of.Sid()).Distinct().Count());
    }

    private DkgSession Session(Digest sid, int threshold, int members) =>
        new(sid, threshold, [.. _keys.Take(members).Select(key => key.MultiplyBase())]);

    private VerifiedDealing Verified(Dealing dealing)
    {
        Assert.Null(VerifiedDealing.TryVerify(_session, dealing, out var verified));
        return verified!;
    }

    /// <summary>What a cheating dealer 1 can make from the very polynomial and R of the honest dealing: proven, with garbage for one
    /// recipient.</summary>
    private Dealing WithBadShare(ushort recipient)
    {
        using var polynomial = SecretPolynomial.Random(Threshold, new ScriptedRandom(_draws));
        using var constant = polynomial.Constant();
        using var r = Secret(_draws[^1]);
        var (commitments, shares) = (_dealing.Commitments, _dealing.Shares.ToArray());
        shares[recipient - 1] = new EncryptedShare(Hash.Sha256("garbage"u8).Span);
        using var k0 = SecretScalar.Random(Random);
        using var k1 = SecretScalar.Random(Random);
        var challenge = DealingEquations.Challenge(
            DealingEquations.Begin(Sid.Span, 1, commitments.Span, r.MultiplyBase(), shares), k0.MultiplyBase(), k1.MultiplyBase());
        var proof = new DealingProof(challenge, k0.Respond(challenge, constant), k1.Respond(challenge, r));
        return new Dealing(Sid, 1, commitments, r.MultiplyBase(), shares, proof);
    }

    private SecretScalar Share(VerifiedDealing[] qualified, ThresholdPublicKey key, ushort member)
    {
        var shares = qualified.Select(dealing =>
        {
            Assert.True(dealing.TryOpen(member, _keys[member - 1], Random, out var share, out _));
            return share;
        }).ToArray();
        var sum = QualifiedDealings.CombineShares(shares, key, member);
        Array.ForEach(shares, share => share.Dispose());
        return sum;
    }
}
