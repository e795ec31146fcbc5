// Written by scripts/generate-destinations from phonenumbers 9.0.43. Do not edit.

extension NumberingPlanTable {
    /// Calling codes that begin with 4 to 5.
    static let zone4To5 = """
        40 RO ordinary 6,9 [23]
        40 RO ordinary 9 7 80[0578]
        40 RO premium 9 9
        40 RO shared 9 801
        41 CH ordinary 9 7[1-35-9] 8[01] 91 [2-6]
        41 CH pager 9 74
        41 CH personal 9 87
        41 CH premium 9 90
        41 CH shared 9 84
        41 CH voicemail 12 86
        43 AT ordinary 4-13 1
        43 AT ordinary 5-13 5
        43 AT ordinary 6-13 [3467]
        43 AT ordinary 7-13 2
        43 AT ordinary 9-13 80
        43 AT premium 9-13 8[69] 9
        43 AT shared 8-13 82
        43 AT shared 9-13 81
        44 GB ordinary 10 11 148[2-579] 14[13-579] 153[015689] 15[01457-9] 162[0-3568] 16[16-8] 7457[0-57-9] 745[0-689]
        44 GB ordinary 10 74[0-46-9] 750[0-8] 752[0-35-9] 75[13-9] 7700[01] 770[1-9] 778[02-9] 779[0-689] 77[1-7]
        44 GB ordinary 10 782[0-8] 783[0-8] 78[014-9] 7911[028] 791[02-9] 793[0-689] 79[024-9] 7[1-3] [235]
        44 GB ordinary 7,9,10 80
        44 GB ordinary 9,10 148[08] 14[026] 15[26] 1629 16[03-59] 1[237-9]
        44 GB pager 10 762[356] 76[03-9]
        44 GB personal 10 70
        44 GB premium 10 87 98[2-49] 9[01]
        44 GB premium 7,10 84
        44 GG ordinary 10 1481 7781 7839 7911[17]
        44 GG premium 10 98[01]
        44 IM ordinary 10 1624 74576 7524 7624
        44 JE ordinary 10 1534 7509 7700[378] 7797 7829 7937
        45 DK ordinary 8 9[1-46-9] [2-8]
        45 DK premium 8 90
        46 SE ordinary 6-9 2
        46 SE ordinary 7-9 6[03] 90[1-9] [1348]
        46 SE ordinary 8,9 5 64[02-57] 67 6[125689] 93[02-5] 94[0-3] 9[125-8]
        46 SE ordinary 9 7[023689]
        46 SE pager 9 74
        46 SE personal 9 75
        46 SE premium 7,10 99
        46 SE premium 7-10 900 939 944
        46 SE premium 9 649
        46 SE shared 9 77
        46 SE voicemail 12 2 67
        47 NO ordinary 5 0
        47 NO ordinary 8 7[0-8] 8100[7-9] 8101 815 8[05] [2-69]
        47 NO personal 8 88
        47 NO premium 8 82
        47 NO shared 8 8100[0-6] 810[2-8]
        47 NO voicemail 8 81[23]
        47 SJ ordinary 8 79
        48 PL ordinary 7,9 6[1-3578] 7[14-7] 8[1-79] [1-59]
        48 PL ordinary 9 6[069] 7[2389] 804 88
        48 PL ordinary 9,10 800
        48 PL pager 6-9 64
        48 PL premium 9 70
        48 PL shared 9 801
        49 DE ordinary 10,11 16[023] 17
        49 DE ordinary 11 15 18[2-9]
        49 DE ordinary 5-15 [3468]
        49 DE ordinary 6-15 70[2-8] 7[1-9] 90[6-9] 9[1-9] [25]
        49 DE ordinary 8-14 181
        49 DE pager 4-13 164
        49 DE pager 4-14 16[89]
        49 DE personal 11 700
        49 DE premium 10 137[7-9]
        49 DE premium 10,11 900
        49 DE shared 10 137[1-6]
        49 DE shared 7 138
        49 DE shared 8-14 180
        49 DE voicemail 12,13 16[023] 17
        49 DE voicemail 13 15
        51 PE ordinary 8 800 8[1-467] [14-7]
        51 PE ordinary 9 9
        51 PE personal 8 80[24]
        51 PE premium 8 805
        51 PE shared 8 801
        52 MX ordinary 10 3[1-57-9] 5[5689] 9[1-35-9] [246-8]
        52 MX personal 10 50
        52 MX premium 10 90
        52 MX shared 10 30
        53 CU ordinary 10 80[025] 87
        53 CU ordinary 6-8 [34]
        53 CU ordinary 7,8 [27]
        53 CU ordinary 8 [56]
        53 CU shared 10 807
        54 AR ordinary 10 67 [1-3]
        54 AR ordinary 10,11 8
        54 AR ordinary 11 9
        54 AR premium 10 60
        55 BR ordinary 10,11 3[1-578] 4 5[13-5] 9[1-9] [1267]
        55 BR ordinary 9-11 8
        55 BR premium 9,10 50 90
        55 BR shared 8 4
        55 BR shared 8,10 30
        56 CL ordinary 11 1
        56 CL ordinary 9 6 [2-57-9]
        56 CL shared 10,11 6
        57 CO ordinary 10 94 [36]
        57 CO ordinary 11 18
        57 CO ordinary 8 4
        57 CO premium 10 90
        57 CO premium 11 19
        58 VE ordinary 10 [24-68]
        58 VE premium 10 9
        420 CZ ordinary 9 70[2-6] 7[1-379] 80 97[02-4] 9[15] [2-6]
        420 CZ personal 9 70[01]
        420 CZ premium 9 90 976
        420 CZ shared 9 8[134]
        420 CZ voicemail 11 93
        420 CZ voicemail 9-12 96
        421 SK ordinary 6,7,9 [2-5]
        421 SK ordinary 9 6 8[01] 909 90[1-8] 9[14-6]
        421 SK pager 7 909
        421 SK premium 9 900 9[78]
        421 SK shared 9 8[5-9]
        423 LI ordinary 7 [237]
        423 LI ordinary 7,9 8
        423 LI ordinary 9 6[4-6]
        423 LI premium 7 9
        423 LI voicemail 9 69
        500 FK ordinary 5 *
        501 BZ ordinary 7,11 *
        502 GT ordinary 11 18
        502 GT ordinary 8 [2-8]
        502 GT premium 11 19
        503 SV ordinary 7,11 8
        503 SV ordinary 8 [25-7]
        503 SV premium 7,11 9
        504 HN ordinary 8,11 *
        505 NI ordinary 8 *
        506 CR ordinary 8 [2-7]
        506 CR ordinary 8,10 8
        506 CR premium 10 9
        507 PA ordinary 11 0
        507 PA ordinary 7 82[89] 85[014] 87[23] 88[02] 8[134] 90[5-9] 98[235-8] 9[1-79] [1-57]
        507 PA ordinary 7,8,10 80
        507 PA ordinary 8 6
        507 PA premium 7 822 855 86 87[78] 886 900 981
        508 PM ordinary 6 8[129] 8[3-8] [2-69]
        508 PM ordinary 6,9 7 80
        508 PM premium 9 8[129]
        509 HT ordinary 8 *
        590 BL ordinary 9 5902[79] 5905[12] 59087
        590 GP ordinary 9 5900[1-68] 5902[0-68] 5903[1-9] 5905[3-579] 5907[08] 5908[0-689] 590[14][0-24-9] 590[69] 598
        590 GP ordinary 9 80 [679]
        590 GP premium 9 8[129]
        590 MF ordinary 9 5900[079] 59030 5905[068] 5907[79] 590[14]3
        591 BO ordinary 8,9 *
        592 GY ordinary 7 [2-8]
        592 GY premium 7 9
        593 EC ordinary 8-11 *
        594 GF ordinary 9 80 [5-79]
        594 GF premium 9 8[129]
        595 PY ordinary 6-11 *
        596 MQ ordinary 9 80 [5-79]
        596 MQ premium 9 8[129]
        597 SR ordinary 6 [2-5]
        597 SR ordinary 7 91 [6-8]
        597 SR premium 7 90
        598 UY ordinary 4,5,8 2
        598 UY ordinary 6-13 0
        598 UY ordinary 7 8
        598 UY ordinary 7,8 4
        598 UY ordinary 8 1 9
        598 UY premium 7 9
        599 BQ ordinary 7 [347]
        599 CW ordinary 8 95[0-467] 9[46-8]
        599 CW pager 8 955
        599 CW shared 7 6
        """
}
