/* The vote rules of docs/protocols/simplex.md for four members, one of them Byzantine, stated again without the code.
 *
 * The three honest members are processes. The Byzantine member signs anything, to anybody, at any time: so every certificate
 * needs BYZANTINE votes less from the others. The network keeps all that was ever said; a member may hear of it at any later
 * time, or never. So what a member knows need not be a part of the state: a rule that needs a certificate may be taken as soon
 * as that certificate can exist. Time is left out: a timer may fire at any moment.
 *
 * Blocks: two may be proposed in a view by a Byzantine leader, variants 1 and 2. Block (v,x) has number 2v+x-1; the start of
 * the chain has number 1. parent[b] is 0 where b was not proposed.
 *
 *   -DVIEWS=3        views looked at, at most 4
 *   -DLEADS=1        the view that the Byzantine member leads; 0: none of these
 *   -DTAIL           blocks may end the epoch
 *   -DRESTARTS       honest members crash and start again on what they wrote down
 *   -DPROGRESS       the Byzantine member is silent, and who can do nothing more has passed the last view
 *   -DMUTANT_...     one rule is wrong; see README.md
 */
#ifndef VIEWS
#define VIEWS 3
#endif
#ifndef LEADS
#define LEADS 1
#endif
#ifdef PROGRESS
#define BYZANTINE 0
#else
#define BYZANTINE 1
#endif
#ifdef MUTANT_QUORUM_2F
#define QUORUM 2
#else
#define QUORUM 3
#endif

#define NORMAL 0
#define BOUNDARY 1
#define AFTER 2              /* a tail block */

#define AT(i,v) (5*(i)+(v))
byte notarized[15];          /* said: bit 1 for variant 1, bit 2 for variant 2 */
bit  nullified[15];
byte finalized[15];
byte view[3];
byte parent[10];
byte kind[10];

/* What a member knows of its own deeds: the same, unless a mutant forgets. */
#ifdef MUTANT_VOTES_LOST
byte myNotarized[15];
bit  myNullified[15];
byte myFinalized[15];
#define myNotarize(i,v) myNotarized[AT(i,v)]
#define myNullify(i,v)  myNullified[AT(i,v)]
#define myFinalize(i,v) myFinalized[AT(i,v)]
#else
#define myNotarize(i,v) notarized[AT(i,v)]
#define myNullify(i,v)  nullified[AT(i,v)]
#define myFinalize(i,v) finalized[AT(i,v)]
#endif

#define HAS(set,x) (((set) >> ((x)-1)) & 1)
#define CAN_NOTARIZE(v,x) (HAS(notarized[AT(0,v)],x) + HAS(notarized[AT(1,v)],x) + HAS(notarized[AT(2,v)],x) + BYZANTINE >= QUORUM)
#define CAN_NULLIFY(v)    (nullified[AT(0,v)] + nullified[AT(1,v)] + nullified[AT(2,v)] + BYZANTINE >= QUORUM)
#define CAN_FINALIZE(v,x) (HAS(finalized[AT(0,v)],x) + HAS(finalized[AT(1,v)],x) + HAS(finalized[AT(2,v)],x) + BYZANTINE >= QUORUM)

#define BLOCK(v,x) (2*(v)+(x)-1)
#define VIEW(b)    ((b)/2)
#define VARIANT(b) ((b)%2+1)
#define START 1

#ifdef MUTANT_PARENT_UNCERTIFIED
#define CERTIFIED(b) (b == START || parent[b] != 0)
#else
#define CERTIFIED(b) (b == START || CAN_NOTARIZE(VIEW(b), VARIANT(b)) || CAN_FINALIZE(VIEW(b), VARIANT(b)))
#endif

#ifdef MUTANT_SKIP_WITHOUT_NULLIFICATION
#define SKIPPED(p,v) (1)
#else
#define GIVEN_UP(w,p,v) ((w) <= (p) || (w) >= (v) || CAN_NULLIFY(w))
#define SKIPPED(p,v) (GIVEN_UP(1,p,v) && GIVEN_UP(2,p,v) && GIVEN_UP(3,p,v))
#endif

#define ENDED(b) (kind[b] != NORMAL)
#ifdef MUTANT_TAIL_GOES_ON
#define KIND_HOLDS(b) (1)
#else
#define KIND_HOLDS(b) (ENDED(parent[b]) == (kind[b] == AFTER))
#endif

#define DESCENDS(b,a) ((b) == (a) || parent[b] == (a) || parent[parent[b]] == (a) || parent[parent[parent[b]]] == (a))

/* What must hold, of all certificates that can exist. */
byte b; byte c;
inline check() {
    b = 2;
    do
    :: b < BLOCK(VIEWS+1,1) ->
        if
        :: parent[b] == 0 -> skip
        :: else ->
            assert(!(CAN_FINALIZE(VIEW(b), VARIANT(b)) && CAN_NULLIFY(VIEW(b))));
#ifdef TAIL
            assert(!(CAN_NOTARIZE(VIEW(b), VARIANT(b)) && ENDED(parent[b]) && kind[b] != AFTER));
#endif
            c = 2*VIEW(b);
            do
            :: c < BLOCK(VIEWS+1,1) ->
                if
                :: parent[c] == 0 || c == b -> skip
                :: else ->
                    assert(!(VIEW(b) == VIEW(c) && CAN_NOTARIZE(VIEW(b), VARIANT(b)) && CAN_NOTARIZE(VIEW(c), VARIANT(c))));
                    assert(!(CAN_FINALIZE(VIEW(b), VARIANT(b)) && (CAN_NOTARIZE(VIEW(c), VARIANT(c)) || CAN_FINALIZE(VIEW(c), VARIANT(c))) && !DESCENDS(c, b)))
                fi;
                c++
            :: else -> break
            od
        fi;
        b++
    :: else -> break
    od;
    b = 0; c = 0
}

inline remember(i, v) {
#ifdef MUTANT_VOTES_LOST
    myNotarized[AT(i,v)] = notarized[AT(i,v)]; myNullified[AT(i,v)] = nullified[AT(i,v)]; myFinalized[AT(i,v)] = finalized[AT(i,v)]
#else
    skip
#endif
}

/* R1. Also after the member's own nullify. */
#ifdef MUTANT_NOTARIZE_TWICE
#define NOT_YET(i,x) (!HAS(myNotarize(i,view[i]),x))
#else
#define NOT_YET(i,x) (myNotarize(i,view[i]) == 0)
#endif
#define NOTARIZE(i,x) \
    :: d_step { view[i] <= VIEWS && parent[BLOCK(view[i],x)] != 0 && NOT_YET(i,x) && CERTIFIED(parent[BLOCK(view[i],x)]) \
           && SKIPPED(VIEW(parent[BLOCK(view[i],x)]), view[i]) && KIND_HOLDS(BLOCK(view[i],x)) -> \
           notarized[AT(i,view[i])] = notarized[AT(i,view[i])] | x; remember(i, view[i]); check() }

/* R2, on a timer or for any other cause. */
#ifdef MUTANT_NULLIFY_AFTER_FINALIZE
#define MAY_GIVE_UP(i) (1)
#else
#define MAY_GIVE_UP(i) (myFinalize(i,view[i]) == 0)
#endif
#define NULLIFY(i) \
    :: d_step { view[i] <= VIEWS && !myNullify(i,view[i]) && MAY_GIVE_UP(i) -> \
           nullified[AT(i,view[i])] = 1; remember(i, view[i]); check() }

/* R3, in any view, however late; there may be later views by then. */
#ifdef MUTANT_FINALIZE_AFTER_NULLIFY
#define NEVER_GAVE_UP(i,v) (1)
#else
#define NEVER_GAVE_UP(i,v) (!myNullify(i,v))
#endif
#define FINALIZE(i,v,x) \
    :: d_step { v <= VIEWS && v <= view[i] && parent[BLOCK(v,x)] != 0 && CAN_NOTARIZE(v,x) && myFinalize(i,v) == 0 && NEVER_GAVE_UP(i,v) -> \
           finalized[AT(i,v)] = x; remember(i, v); check() }

/* R4. */
#define ADVANCE(i,v) \
    :: d_step { v <= VIEWS && view[i] <= v \
           && (CAN_NULLIFY(v) || CAN_NOTARIZE(v,1) || CAN_NOTARIZE(v,2) || CAN_FINALIZE(v,1) || CAN_FINALIZE(v,2)) -> view[i] = v + 1 }

/* An honest leader, once per view, on any block that R1 lets the others accept. */
#define LEADER(i,v) (v != LEADS && ((v) - 1 - ((v) > LEADS && LEADS > 0) ) % 3 == i)
#define PROPOSE(i,v,p) \
    :: d_step { v <= VIEWS && VIEW(p) < v && LEADER(i,v) && view[i] == v && parent[BLOCK(v,1)] == 0 && !myNullify(i,v) \
           && (p == START || parent[p] != 0) && CERTIFIED(p) && SKIPPED(VIEW(p), v) -> \
           parent[BLOCK(v,1)] = p; kind[BLOCK(v,1)] = (ENDED(p) -> AFTER : NORMAL) }
#ifdef TAIL
#define PROPOSE_END(i,v,p) \
    :: d_step { v <= VIEWS && VIEW(p) < v && LEADER(i,v) && view[i] == v && parent[BLOCK(v,1)] == 0 && !myNullify(i,v) \
           && (p == START || parent[p] != 0) && CERTIFIED(p) && SKIPPED(VIEW(p), v) && !ENDED(p) -> \
           parent[BLOCK(v,1)] = p; kind[BLOCK(v,1)] = BOUNDARY }
#else
#define PROPOSE_END(i,v,p)
#endif
#define ON_ANY(what,i,v) what(i,v,1) what(i,v,2) what(i,v,3) what(i,v,4) what(i,v,5) what(i,v,6) what(i,v,7)

proctype member(byte i) {
end:
    do
    NOTARIZE(i,1)
    NOTARIZE(i,2)
    NULLIFY(i)
    FINALIZE(i,1,1) FINALIZE(i,1,2) FINALIZE(i,2,1) FINALIZE(i,2,2) FINALIZE(i,3,1) FINALIZE(i,3,2) FINALIZE(i,4,1) FINALIZE(i,4,2)
    ADVANCE(i,1) ADVANCE(i,2) ADVANCE(i,3) ADVANCE(i,4)
    ON_ANY(PROPOSE,i,1) ON_ANY(PROPOSE,i,2) ON_ANY(PROPOSE,i,3) ON_ANY(PROPOSE,i,4)
    ON_ANY(PROPOSE_END,i,1) ON_ANY(PROPOSE_END,i,2) ON_ANY(PROPOSE_END,i,3) ON_ANY(PROPOSE_END,i,4)
#ifdef RESTARTS
    /* Certificates can be had again, so only the member's own votes say where it stood. */
    :: d_step { true ->
#ifdef MUTANT_VOTES_LOST
           myNotarized[AT(i,1)] = 0; myNotarized[AT(i,2)] = 0; myNotarized[AT(i,3)] = 0; myNotarized[AT(i,4)] = 0;
           myNullified[AT(i,1)] = 0; myNullified[AT(i,2)] = 0; myNullified[AT(i,3)] = 0; myNullified[AT(i,4)] = 0;
           myFinalized[AT(i,1)] = 0; myFinalized[AT(i,2)] = 0; myFinalized[AT(i,3)] = 0; myFinalized[AT(i,4)] = 0;
#endif
           b = 4;
           do
           :: b > 1 && myNotarize(i,b) == 0 && !myNullify(i,b) && myFinalize(i,b) == 0 -> b--
           :: else -> break
           od;
           view[i] = b; b = 0 }
#endif
#ifdef PROGRESS
    :: timeout -> assert(view[0] > VIEWS && view[1] > VIEWS && view[2] > VIEWS); break
#endif
    od
}

/* The Byzantine leader's two blocks, on anything that comes before, there or not yet: nobody can build on them before a
 * quorum could have voted for it. Chosen at the start, since nobody has to hear of them earlier than that. */
#define FORK(x,p,k) :: VIEW(p) < LEADS -> parent[BLOCK(LEADS,x)] = p; kind[BLOCK(LEADS,x)] = k
#define FORK_ON_ANY(x,k) FORK(x,1,k) FORK(x,2,k) FORK(x,3,k) FORK(x,4,k) FORK(x,5,k) FORK(x,6,k) FORK(x,7,k)
inline fork(x) {
    if
    FORK_ON_ANY(x,NORMAL)
#ifdef TAIL
    FORK_ON_ANY(x,BOUNDARY)
    FORK_ON_ANY(x,AFTER)
#endif
    fi
}

init {
    atomic {
        view[0] = 1; view[1] = 1; view[2] = 1;
#ifndef PROGRESS
        if
        :: LEADS > 0 && LEADS <= VIEWS -> fork(1); fork(2)
        :: else -> skip
        fi;
#endif
        run member(0); run member(1); run member(2)
    }
}
